/** Rulesets of mode nftables out of single lines, for tests of one thing. */

import type { Ruleset } from '../../../src/ruleset/types.js';

const T = 'ip kube-proxy';

/** `add chain NAME …` and the like, without the table, as the commands of our IPv4 table. */
export function nftLines(...lines: readonly string[]): readonly string[] {
  return lines.map((line) => line.replace(/^add (\w+) /, `add $1 ${T} `));
}

/** The IPv4 Ruleset that holds these lines alone. */
export function nftRuleset(...lines: readonly string[]): Ruleset {
  const text = nftLines(...lines)
    .map((line) => `${line}\n`)
    .join('');
  const empty = { origin: '', text: '' };
  return {
    backend: 'nftables',
    family: 'IPv4',
    frame: { origin: '', text },
    ports: [],
    shared: [],
    tail: empty,
  };
}
