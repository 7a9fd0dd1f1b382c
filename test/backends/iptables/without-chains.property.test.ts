/**
 * The plan for one Service: without the chains of all others it is the same if it deletes nothing,
 * whatever is wrong with the rules of a kernel.
 */

import { expect } from 'chai';
import fc from 'fast-check';
import { print, type Ruleset, readRules } from '../../../src/index.js';
import { serviceOf } from '../../../src/ruleset/types.js';
import { rulesetPair } from '../../support/arbitrary/pair.js';
import { propertyUntil } from '../../support/arbitrary/property.js';

/** How the rules of a kernel are changed: at a line, with another one. */
type Change = readonly [kind: 'delete' | 'repeat' | 'mislead', line: number, other: number];
const changes = fc.array(
  fc.tuple(
    fc.constantFrom<Change[0]>('delete', 'repeat', 'mislead', 'mislead'),
    fc.nat(500),
    fc.nat(500),
  ),
  { maxLength: 4 },
);

function changed(text: string, all: readonly Change[]): string {
  const lines = text.split('\n');
  const rules = lines.flatMap((line, i) => (line.startsWith('-A ') ? [i] : []));
  for (const [kind, one, two] of all) {
    const [at, other] = [rules[one % rules.length], rules[two % rules.length]];
    if (at === undefined || other === undefined) continue;
    const line = lines[at] ?? '';
    const target = / -j KUBE-\S+$/.exec(lines[other] ?? '')?.[0] ?? ' -j RETURN';
    if (kind === 'delete') lines[at] = '';
    else if (kind === 'repeat') lines[at] = `${line}\n${line}`;
    else lines[at] = line.replace(/ -j KUBE-\S+$/, target);
  }
  return lines.join('\n');
}

describe('the plan for one Service', () => {
  it('is the same without the chains of all others', () => {
    let [differing, equal] = [0, 0];
    propertyUntil(
      () => differing > 0 && equal > 0,
      fc.property(rulesetPair, changes, fc.constantFrom('IPv4', 'IPv6'), (pair, wrong, family) => {
        const [before, after] = pair(family);
        const text = changed(print(before), wrong);
        const rules = readRules('iptables', text, { family });
        const names = [...before.ports, ...after.ports].map(({ origin }) => serviceOf(origin));
        for (const name of new Set(names)) {
          const others = {
            size: Number.POSITIVE_INFINITY,
            has: (service: string) => !['', '*', name].includes(service),
          };
          const ports = after.ports.filter(({ origin }) => serviceOf(origin) === name);
          const ruleset: Ruleset = { ...after, ports };
          const lighter = rules.withoutChainsOf?.(others, ruleset) ?? expect.fail('not there');
          const [whole, part] = [rules, lighter].map((one) => {
            const wanted = one.keepServices(ruleset, others);
            const plan = one.plan(wanted);
            return { plan, summary: one.summary(plan, wanted), settings: one.settings() };
          });
          const { changes = [], leftovers = [], pinned = [] } = part?.plan ?? {};
          const deletes = changes.some(({ action }) => action === 'delete');
          if (deletes || leftovers.length + pinned.length > 0) continue;
          expect(part, name).to.deep.equal(whole);
          if (changes.length === 0) equal++;
          else differing++;
        }
      }),
    );
  });
});
