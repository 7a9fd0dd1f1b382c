/**
 * Proves that rules do what a model says: for every packet that the machine can meet, the
 * chance of everything that can become of it is the expected one, exactly.
 */

import type { Model } from '../model/types.js';
import type { Router } from '../netfilter/route.js';
import type { Owns } from './acceptance.js';
import type { ExpectedTraffic, Setting } from './expected.js';
import { expectedTraffic } from './expected-traffic.js';
import { type Finding, Proof } from './proof.js';
import { sendersOf } from './senders.js';
import type { Unneeded } from './unneeded.js';

export interface VerifyResult {
  readonly findings: readonly Finding[];
  /** Addresses and ports of Services. */
  readonly frontends: number;
  /** Kinds of senders, each of which was tried with every frontend. */
  readonly senders: number;
  /** Rules for Services that decide about no packet; empty where Services were selected. */
  readonly unneeded: readonly Unneeded[];
}

export interface VerifyOptions {
  /** Which rules are there for Services. Default: all. */
  readonly owns?: Owns;
  /** Which traffic is looked at, by its origin; `''`: those without a Service. Default: all. */
  readonly selects?: (origin: string) => boolean;
}

/** Compares what a router does with what a model says. */
export function verify(
  router: Router,
  model: Model,
  setting: Setting,
  { owns = everyRule, selects }: VerifyOptions = {},
): VerifyResult {
  const findings: Finding[] = [];
  const frontends = new Set<string>();
  const proof = new Proof(router, setting, owns);
  const selected = function* (): Generator<ExpectedTraffic> {
    for (const traffic of expectedTraffic(model, setting))
      if (selects?.(traffic.origin) !== false) yield traffic;
  };
  const tryAll = (mark: number): void => {
    for (const traffic of selected()) {
      if (traffic.origin !== '') frontends.add(`${traffic.what} ${traffic.origin}`);
      for (const found of proof.findings(traffic, mark)) findings.push(found);
    }
  };
  tryAll(0);
  const { otherMark } = proof;
  if (otherMark !== 0) tryAll(otherMark);
  const shared = proof.sharedLists();
  if (shared.size > 0)
    for (const traffic of selected())
      for (const found of proof.otherClients(traffic, shared.get(traffic.origin) ?? []))
        findings.push(found);
  return {
    findings,
    frontends: frontends.size,
    senders: sendersOf(setting.context, setting.machine).length,
    unneeded: selects?.('') === false ? [] : proof.unneeded(),
  };
}

const everyRule: Owns = () => true;
