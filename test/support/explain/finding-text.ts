/** What a proof found, in one line. */

import type { Finding } from '../../../src/explain/proof.js';

export function findingText({ kind, traffic, expected, found, region }: Finding): string {
  const { origin, what, sender } = traffic;
  const outcomes = [expected, found].map((shares) => [...shares.keys()].join(', ')).join(' / ');
  return `${kind}: ${origin} ${what} from ${sender.name}, ${Object.values(region).join(' ')}: ${outcomes}`;
}
