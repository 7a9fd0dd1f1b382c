/** Changes a kernel from one Ruleset to another, as an apply does. */

import { expect } from 'chai';
import type { Ruleset } from '../../../src/ruleset/types.js';
import type { Namespace } from '../machines/netns.js';
import type { KernelVariant } from './kernel-variants.js';

/**
 * Brings the kernel to a Ruleset, from the one that it holds where that is known and the plan needs
 * no more. Then nothing is left to do.
 */
export async function goTo(
  namespace: Namespace,
  variant: KernelVariant,
  known: Ruleset | undefined,
  wanted: Ruleset,
): Promise<void> {
  const { family } = wanted;
  const { backend } = variant.options;
  const read = async () => {
    const saved = await variant.save(namespace, family);
    return backend.read(saved === '' && variant.mode === 'nftables' ? EMPTY : saved);
  };
  const update = known === undefined ? undefined : backend.planUpdate(known, wanted);
  const plan = update ?? (await read()).plan(wanted);
  const store = variant.name === 'iptables-legacy' ? 'legacy' : 'nf_tables';
  const input = backend.input(plan, { variant: store, twoSteps: false });
  for (const { text } of input) await variant.load(namespace, family, text);
  expect(variant.differences(await variant.save(namespace, family), wanted)).to.equal('');
  const again = (await read()).plan(wanted);
  expect([...again.changes, ...again.leftovers, ...again.comments]).to.deep.equal([]);
}

/** What nft prints where there is no table: never nothing. */
const EMPTY = '{"nftables": []}';
