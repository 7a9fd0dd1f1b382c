/** Chooses the iptables variant of a machine by the same signs as kubelet and kube-proxy. */

import type { Diagnostic } from '../../../diagnostics.js';
import { ToolError } from '../../../errors.js';
import type { Family } from '../../../net/ip.js';
import type { Tools, Variant } from '../../tools.js';
import { ownershipOf, type Remembered } from '../ownership.js';
import type { Dump } from '../syntax/parse.js';
import type { FoundTools } from './tools.js';

/** What is known about the variants of one family. */
export interface Evidence {
  readonly family: Family;
  readonly tools: FoundTools;
  /** `--iptables`; `undefined`: decide. */
  readonly wanted: Variant | undefined;
  /** What was decided for the other family. */
  readonly otherFamily: Variant | undefined;
  /** What vipc has loaded for layouts of the user's own. */
  readonly remembered: Remembered;
  /** What each variant holds; absent where there are no tools to read it. */
  readonly dumps: { readonly [V in Variant]?: Dump | undefined };
}

export interface VariantChoice {
  readonly tools: Tools;
  readonly diagnostics: readonly Diagnostic[];
}

/** What `--iptables` and messages call a variant. */
export const VARIANT_FLAG: Readonly<Record<Variant, 'nft' | 'legacy'>> = {
  nf_tables: 'nft',
  legacy: 'legacy',
};

const HINT_CHAINS: readonly string[] = ['KUBE-IPTABLES-HINT', 'KUBE-KUBELET-CANARY'];

/**
 * The variant that was asked for, else the one where kubelet left its hint (KEP-3178; kube-proxy's
 * image decides by the same chains), else the one that holds our chains, else that of the other
 * family, else the one that `iptables` is, else nf_tables.
 *
 * Rules of ours in the other variant still act on packets, so they are a warning whatever was
 * decided.
 */
export function chooseVariant({
  family,
  tools,
  wanted,
  otherFamily,
  remembered,
  dumps,
}: Evidence): VariantChoice {
  const hinted = only(dumps, hasHint);
  const { owns } = ownershipOf(new Map(), remembered);
  const holdsOurs = (dump: Dump): boolean =>
    [...dump.tables].some(([table, chains]) =>
      [...chains.keys()].some((chain) => owns(table, chain)),
    );
  const holding = only(dumps, holdsOurs);
  const variant =
    wanted ??
    hinted ??
    holding ??
    otherFamily ??
    tools.preferred ??
    (tools.nf_tables === undefined ? 'legacy' : 'nf_tables');
  const chosen = tools[variant];
  if (chosen === undefined) {
    const name = `${family === 'IPv4' ? 'iptables' : 'ip6tables'}-${VARIANT_FLAG[variant]}`;
    throw new ToolError(`the program ${name} is not installed or does not answer`, name, {
      hint: `install it, or choose the other one with --iptables ${VARIANT_FLAG[other(variant)]}`,
    });
  }
  return { tools: chosen, diagnostics: strayRules(family, variant, dumps, holdsOurs) };
}

/** The only variant for which it is true. */
function only(dumps: Evidence['dumps'], question: (dump: Dump) => boolean): Variant | undefined {
  const { nf_tables, legacy } = dumps;
  const nft = nf_tables !== undefined && question(nf_tables);
  const old = legacy !== undefined && question(legacy);
  if (nft === old) return undefined;
  return nft ? 'nf_tables' : 'legacy';
}

function hasHint(dump: Dump): boolean {
  const mangle = dump.tables.get('mangle');
  return HINT_CHAINS.some((chain) => mangle?.has(chain) === true);
}

function strayRules(
  family: Family,
  variant: Variant,
  dumps: Evidence['dumps'],
  holdsOurs: (dump: Dump) => boolean,
): readonly Diagnostic[] {
  const stray = dumps[other(variant)];
  if (stray === undefined || !holdsOurs(stray)) return [];
  const here = VARIANT_FLAG[variant];
  const there = VARIANT_FLAG[other(variant)];
  return [
    {
      code: 'variant-stray-rules',
      severity: 'warning',
      message: `iptables-${there} holds ${family} rules for Services too, and the kernel obeys both; vipc works on iptables-${here}`,
      hint: `"vipc cleanup --iptables ${there}" removes them there; --iptables ${there} works on them instead`,
    },
  ];
}

function other(variant: Variant): Variant {
  return variant === 'nf_tables' ? 'legacy' : 'nf_tables';
}
