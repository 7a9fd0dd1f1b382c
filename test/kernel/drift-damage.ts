import type { Family } from '../../src/index.js';
import type { DriftVariant } from '../support/cases/drift-case.js';

export const WEB = 'default/web:http TCP';
export const ALL = 'every node';

/** A node whose rules are known by heart. */
export interface Scene {
  readonly family: Family;
  readonly ip: 'ip' | 'ip6';
  /** The only line of the rules that a pattern matches. */
  readonly line: (pattern: RegExp) => string;
  /** What of it the pattern catches. */
  readonly part: (pattern: RegExp) => string;
}

export interface Damage {
  readonly what: string;
  /** Arguments of iptables, or commands of nft. */
  readonly by: (scene: Scene) => readonly string[];
  /** Findings that must be among those of the check. */
  readonly found: (scene: Scene) => readonly string[];
  /** The cheapest check that promises it; `chains` is `full` where there are no chains in turn. */
  readonly check: 'quick' | 'chains';
  readonly only?: DriftVariant['name'];
  /** By the program nft instead of iptables. */
  readonly nft?: boolean;
}

export function sceneOf(text: string, family: Family): Scene {
  const match = (pattern: RegExp): RegExpExecArray => {
    const found = pattern.exec(text);
    if (found === null) throw new Error(`no line with ${pattern} in\n${text}`);
    return found;
  };
  return {
    family,
    ip: family === 'IPv4' ? 'ip' : 'ip6',
    line: (pattern) => {
      const { index } = match(pattern);
      const start = text.lastIndexOf('\n', index) + 1;
      return text.slice(start, text.indexOf('\n', index));
    },
    part: (pattern) => match(pattern)[1] ?? '',
  };
}
