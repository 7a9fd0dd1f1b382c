/** The shares of new connections that a difference changes, endpoint by endpoint or in one line. */

import { addTo } from '../../grouping.js';
import { fractionText, percentText, sameFraction } from '../../netfilter/fraction.js';
import type { PoolSummary, ShareChange } from '../../plan/summary-types.js';
import { printable } from '../../printable.js';
import { count } from './counts.js';

/** More endpoints than this with the same change share a line, unless they are added or removed. */
const MANY = 4;

/** What each endpoint of a pool gets, before and after. */
export function poolLines({ pool, endpoints }: PoolSummary): readonly string[] {
  const alike = new Map<string, ShareChange[]>();
  for (const change of endpoints) {
    const key = shareText(change);
    addTo(alike, key, change);
  }
  const rows = [...alike].flatMap(([text, group]): readonly (readonly [string, string])[] => {
    if (group.length > MANY && group.every(stays))
      return [[`${group.length} endpoints, each`, text]];
    return group.map(({ endpoint }) => [printable(endpoint), text]);
  });
  const width = rows.reduce((most, [who]) => Math.max(most, who.length), 0);
  return [
    `    new connections (${pool === 'cluster' ? 'policy Cluster' : 'policy Local'}):`,
    ...rows.map(([who, text]) => `      ${who.padEnd(width)}  ${text}`),
  ];
}

function shareText({ before, after }: ShareChange): string {
  return `${percentText(before).padStart(6)} -> ${percentText(after)}`;
}

function stays({ before, after }: ShareChange): boolean {
  return before.numerator > 0n && after.numerator > 0n;
}

/**
 * `shares of 3 endpoints: 1/3 -> 1/4`: what it means for the endpoints that stay that rules of
 * their chain have another probability, or that the one rule of mode nftables has another map.
 * Where they change differently, {@link poolLines} shows how.
 */
export function renumberedText(rules: number, pool: PoolSummary | undefined): string {
  const changes = pool?.endpoints.filter(stays) ?? [];
  const [first] = changes;
  if (first === undefined)
    return `${count(rules, 'rule')} with ${(pool?.endpoints ?? []).length === 0 ? 'another probability' : 'other endpoints, as above'}`;
  const shares = `shares of ${count(changes.length, 'endpoint')}`;
  const isLikeFirst = ({ before, after }: ShareChange): boolean =>
    sameFraction(before, first.before) && sameFraction(after, first.after);
  return changes.every(isLikeFirst)
    ? `${shares}: ${exactText(first.before)} -> ${exactText(first.after)}`
    : `${shares}, as above`;
}

/** A fraction with more digits is shown as a percentage. */
const MOST_DIGITS = 12;

function exactText(share: ShareChange['before']): string {
  const text = fractionText(share);
  return text.length > MOST_DIGITS ? percentText(share) : text;
}
