/** Other listings of nft that mean the same, one object a line. */

import type { Rewrite } from './iptables-rewrites.js';
import { linesOf, reordered, shuffled } from './line-order.js';
import { isList, type Json, jsonText, kindOf, partsOf, replaced } from './listing.js';

const COMMENT = /"comment": "[^"]*"/;

function eachLine(pattern: RegExp, text: string): Rewrite {
  return (lines) => lines.map((line) => line.replace(pattern, text));
}

function renamed(kind: RegExp, other: string): Rewrite {
  return (lines, random) => {
    const name = random.of(lines.flatMap((line) => kind.exec(line)?.[1] ?? []));
    return name === undefined ? undefined : lines.map((line) => renamedIn(line, name, other));
  };
}

function renamedIn(line: string, name: string, other: string): string {
  return line.replaceAll(`"${name}"`, `"${other}"`).replaceAll(`"@${name}"`, `"@${other}"`);
}

/** One list among these has its members in another order. */
function mixed(path: RegExp): Rewrite {
  return (lines, random) => {
    const site = random.of(partsOf(lines, path, (list) => isList(list) && list.length > 1));
    return site && replaced(lines, site, shuffled(site.value as readonly Json[], random));
  };
}

export const LISTING_REWRITES: Readonly<Record<string, Rewrite>> = {
  'comments dropped': eachLine(/"comment": "[^"]*", /, ''),
  'comments changed': eachLine(COMMENT, '"comment": "by { hand }, \\\\ drop"'),
  'handles dropped': eachLine(/"handle": \d+, /, ''),
  counters: eachLine(/"expr": \[/, '"expr": [{"counter": {"packets": 3, "bytes": 180}}, '),
  'policies left out': eachLine(/, "policy": "accept"/, ''),
  'flags in a list': eachLine(/"flags": ("[a-z-]+")/, '"flags": [$1]'),
  'chain renamed': renamed(/^\{"chain": .*"name": "([^"]+)", "handle": \d+\}\}$/, 'renamed'),
  'base chain renamed': renamed(/^\{"chain": .*"name": "([^"]+)".*"hook"/, 'renamed'),
  'set or map renamed': renamed(/^\{"(?:set|map)": .*?"name": "([^"]+)"/, 'renamed'),
  'chains in another order': (lines, random) =>
    reordered(lines, linesOf(lines, /^\{"chain"/), random),
  'sets in another order': (lines, random) =>
    reordered(lines, linesOf(lines, /^\{"(?:set|map)"/), random),
  'elements in another order': mixed(/^(?:set|map)\/elem$/),
  'members in another order': mixed(/^rule\/expr\/.*\/set$/),
  'network as a range of two halves': (lines, random) => {
    const isWide = (value: Json): boolean => /"\d+\.\d+\.0\.0", "len": 16/.test(jsonText(value));
    const isPrefix = (value: Json): boolean => kindOf(value) === 'prefix' && isWide(value);
    const site = random.of(partsOf(lines, /match\/right$/, isPrefix));
    const [, start] = /"(\d+\.\d+)\./.exec(site === undefined ? '' : jsonText(site.value)) ?? [];
    const halves = {
      set: [{ range: [`${start}.0.0`, `${start}.127.255`] }, prefix(`${start}.128.0`)],
    };
    return site && replaced(lines, site, halves);
  },
  'rule repeated': (lines, random) => {
    const at = random.of(
      linesOf(lines, /^\{"rule": .*(?:\{"drop": null\}|"goto": \{[^{}]*\}\})\]\}\}$/),
    );
    return at === undefined ? undefined : lines.toSpliced(at, 0, lines[at] ?? '');
  },
};

function prefix(addr: string): Json {
  return { prefix: { addr, len: 17 } };
}
