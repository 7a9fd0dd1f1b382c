/** What must hold of every document that vipc prints, whatever it was made from. */

import { expect } from 'chai';
import { type Dump, parseDump } from '../../../src/backends/iptables/syntax/parse.js';
import {
  isKnown,
  parseRule,
  printRule,
  type Rule,
} from '../../../src/backends/iptables/syntax/rule.js';
import type { Family } from '../../../src/net/ip.js';

const BUILT_IN = /^(?:INPUT|FORWARD|OUTPUT|PREROUTING|POSTROUTING)$/;
const DECLARATION = /^:([!-~]{1,28}) - \[0:0\]$/;
/** The draws of `-m statistic` are 31-bit numbers. */
const STEPS = 2n ** 31n;

/** Checks a whole restore document; gives back what it was read as. */
export function checkDocument(text: string, family: Family): Dump {
  const lines = text.split('\n');
  expect(lines.pop(), 'the document ends with a line feed').to.equal('');
  const dump = parseDump(text);
  const rules = new Map<string, Rule[]>();
  const written = new Map<string, string[]>();
  let table = '';
  for (const line of lines) {
    if (/^\*(?:mangle|filter|nat)$/.test(line)) table = line.slice(1);
    else if (line === 'COMMIT') table = '';
    else if (!DECLARATION.test(line)) {
      const rule = checkLine(line, family);
      push(written, `${table} ${rule.chain}`, line);
      push(rules, `${table} ${rule.chain}`, rule);
    }
  }
  checkDump(dump, written);
  checkJumps(dump, rules);
  checkShares(rules);
  checkOrderOfDeclarations(lines);
  return dump;
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

/** A line is a rule that our own reader understands whole, and writes back the same. */
export function checkLine(line: string, family: Family): Rule {
  if (!/^-A [!-~]{1,28} [ -~]+$/.test(line) || line.includes('  ') || line.endsWith(' '))
    expect.fail(`this is no line of iptables-save: ${JSON.stringify(line)}`);
  const rule = parseRule(line, family);
  if (!isKnown(rule)) expect.fail(`this line is not understood: ${line}`);
  const again = printRule(rule);
  if (again !== line) expect(again, 'read and written').to.equal(line);
  return rule;
}

/** What `parse` makes of the document holds the same lines in the same chains, no more and no fewer. */
function checkDump(dump: Dump, written: ReadonlyMap<string, readonly string[]>): void {
  const read = new Map<string, readonly string[]>();
  for (const [table, chains] of dump.tables)
    for (const [chain, { rules }] of chains)
      if (rules.length > 0) read.set(`${table} ${chain}`, rules);
  expect([...read.keys()].sort()).to.deep.equal([...written.keys()].sort());
  for (const [chain, rules] of written) expect(read.get(chain), chain).to.deep.equal(rules);
}

/** Every jump leads to a chain that the same table declares; every chain with rules is declared or built in. */
function checkJumps(dump: Dump, rules: ReadonlyMap<string, readonly Rule[]>): void {
  for (const [key, list] of rules) {
    const [table = '', chain = ''] = key.split(' ');
    const declared = dump.tables.get(table);
    if (!BUILT_IN.test(chain)) expect(declared?.get(chain)?.policy, chain).to.equal('-');
    for (const { target } of list) {
      if (target.kind !== 'jump' && target.kind !== 'goto') continue;
      if (declared?.get(target.chain)?.policy !== '-')
        expect.fail(`${key} jumps to ${target.chain}, which is not declared in ${table}`);
    }
  }
}

/**
 * A pool of n endpoints gives everybody 1/n, but for what 31 bits cannot say, and nobody is turned away: the
 * last endpoint takes whatever is left, so that the shares add up to one exactly.
 */
function checkShares(rules: ReadonlyMap<string, readonly Rule[]>): void {
  for (const [key, list] of rules) {
    if (!/^nat KUBE-SV[CL]-/.test(key)) continue;
    const draws = list.filter((rule) => isPick(rule));
    const remembered = list.filter((rule) => rule.matches.some(({ kind }) => kind === 'recent'));
    const targets = draws.map(targetChain);
    expect(new Set(targets).size, `${key} names each endpoint once`).to.equal(targets.length);
    if (remembered.length > 0) expect(remembered.map(targetChain), key).to.deep.equal(targets);
    const shares = sharesOf(draws.map(numeratorOf));
    if (shares === undefined)
      expect.fail(`${key}: only the last endpoint may take all that is left`);
    // Shares are fractions of STEPS^(n-1): compare without dividing.
    const n = BigInt(shares.length);
    const whole = STEPS ** (n - 1n);
    expect(shares.reduce((sum, share) => sum + share, 0n) === whole, `${key} adds up`).to.equal(
      true,
    );
    for (const [i, share] of shares.entries()) {
      const off = share * n - whole;
      const bound = n * n * whole;
      if ((off < 0n ? -off : off) * STEPS > bound)
        expect.fail(`${key}: endpoint ${i + 1} of ${n} has an unfair share`);
    }
  }
}

/** The rules of a pool chain that hand a new client to an endpoint. */
function isPick(rule: Rule): boolean {
  return (
    rule.target.kind === 'jump' &&
    rule.target.chain.startsWith('KUBE-SEP-') &&
    rule.matches.every(({ kind }) => kind === 'comment' || kind === 'random')
  );
}

function targetChain({ target }: Rule): string {
  return target.kind === 'jump' ? target.chain : '';
}

/** The chance of one draw as a number of 31 bits; all of them where there is no condition. */
function numeratorOf(rule: Rule): bigint {
  const draw = rule.matches.find((match) => match.kind === 'random');
  return draw === undefined ? STEPS : BigInt(draw.numerator);
}

/** The exact shares of a cascade of draws, as multiples of STEPS^-(n-1); undefined if it is no cascade. */
export function sharesOf(numerators: readonly bigint[]): readonly bigint[] | undefined {
  if (numerators.length === 0 || numerators.indexOf(STEPS) !== numerators.length - 1)
    return undefined;
  const shares: bigint[] = [];
  let left = 1n;
  let scale = STEPS ** BigInt(numerators.length - 1);
  for (const numerator of numerators.slice(0, -1)) {
    scale /= STEPS;
    shares.push(left * numerator * scale);
    left *= STEPS - numerator;
  }
  return [...shares, left];
}

/** iptables-nft sorts chains, quadratically if they come sorted: declarations stand in Service order, not in theirs. */
function checkOrderOfDeclarations(lines: readonly string[]): void {
  const names = lines
    .map((line) => DECLARATION.exec(line)?.[1] ?? '')
    .filter((name) => /^KUBE-(?:SVC|SVL|SEP|EXT|FW)-/.test(name));
  if (names.length < 30) return;
  const falls = names.filter((name, i) => i > 0 && name < (names[i - 1] ?? '')).length;
  expect(falls, 'places where the declared names go down').to.be.greaterThan(names.length / 10);
}
