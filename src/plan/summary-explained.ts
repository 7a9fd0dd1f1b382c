/** Separates differences that settings of the node explain from all others. */

import type { ChainSummary, FamilySummary, ServiceSummary } from './summary-types.js';

/** A summary in two parts. */
export interface Explained {
  /** What differs otherwise. */
  readonly rest: FamilySummary;
  /** Origins that the explained rules belong to, in order; `''` for every node. */
  readonly origins: readonly string[];
  /** How many rules are explained. */
  readonly rules: number;
}

/**
 * Parts a summary. `same` summarises the differences from rules that were made with the settings of
 * the kernel: a rule that differs in `summary` alone is explained by the settings. Service ports
 * that are added or removed are never explained by settings.
 */
export function splitSummary(summary: FamilySummary, same: FamilySummary): Explained {
  const others = new Map(same.services.map((service) => [service.origin, service]));
  const origins: string[] = [];
  const services: ServiceSummary[] = [];
  let rules = 0;
  for (const service of summary.services) {
    const rest =
      service.state === 'changed' ? restOf(service, others.get(service.origin)) : service;
    const explained = rulesOf(service) - (rest === undefined ? 0 : rulesOf(rest));
    if (explained > 0) origins.push(service.origin);
    rules += explained;
    if (rest !== undefined) services.push(rest);
  }
  return { rest: { ...summary, services }, origins, rules };
}

function rulesOf({ chains }: ServiceSummary): number {
  return chains.reduce((sum, { rules }) => sum + rules.length, 0);
}

/** The Service with what `same` has too; `undefined` where nothing is left. */
function restOf(
  service: ServiceSummary,
  same: ServiceSummary | undefined,
): ServiceSummary | undefined {
  const others = new Map((same?.chains ?? []).map((chain) => [keyOf(chain), chain]));
  const chains = service.chains.flatMap((chain): readonly ChainSummary[] => {
    const other = others.get(keyOf(chain));
    if (other === undefined) return [];
    const known = new Set(other.rules.map(({ op, line }) => `${op} ${line}`));
    return [{ ...chain, rules: chain.rules.filter(({ op, line }) => known.has(`${op} ${line}`)) }];
  });
  return chains.length === 0 ? undefined : { ...service, chains };
}

function keyOf({ table, chain }: ChainSummary): string {
  return `${table} ${chain}`;
}
