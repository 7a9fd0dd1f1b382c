/** What must hold of every script that vipc prints in mode nftables, whatever it was made from. */

import { expect } from 'chai';
import { type Dump, dumpLines, parseDump } from '../../../src/backends/nftables/syntax/parse.js';
import {
  isKnown,
  type NftRule,
  parseRule,
  printRule,
} from '../../../src/backends/nftables/syntax/rule.js';
import type { Family } from '../../../src/net/ip.js';
import { commandsOf } from '../kernels/nft-tables.js';

/** nft takes no longer comment, in bytes, and the kernel no longer name. */
const LONGEST_COMMENT = 128;
const LONGEST_NAME = 255;

/** Checks a whole script of one family; gives back what it was read as. */
export function checkScript(text: string, family: Family): Dump {
  const ip = family === 'IPv4' ? 'ip' : 'ip6';
  const lines = text.split('\n');
  expect(lines.pop(), 'the script ends with a line feed').to.equal('');
  expect(lines.slice(0, 3)).to.deep.equal([
    `add table ${ip} kube-proxy`,
    `delete table ${ip} kube-proxy`,
    `add table ${ip} kube-proxy { comment "rules for kube-proxy" ; }`,
  ]);
  for (const line of lines) checkCharacters(line, ip);
  const commands = commandsOf(text);
  expect(commands.length, 'lines that make something').to.equal(lines.length - 3);
  checkOrder(commands);
  const dump = parseDump(text);
  expect([...dump.tables.keys()]).to.deep.equal([`${ip} kube-proxy`]);
  checkDump(dump, commands);
  const rules = commands.filter((line) => line.startsWith('add rule ')).map(checkRule);
  checkReferences(commands, rules);
  for (const rule of rules) checkShares(rule);
  return dump;
}

/** Checks a script of one family or of both. */
export function checkScripts(text: string): void {
  const parts = text.split(/^(?=add table ip6? kube-proxy\n)/m);
  for (const part of parts) checkScript(part, part.startsWith('add table ip6 ') ? 'IPv6' : 'IPv4');
}

function checkCharacters(line: string, ip: string): void {
  const good =
    /^(?:add (?:table|chain|set|map|element|rule)|delete table) ip6? kube-proxy(?: [ -~]+)?$/;
  if (!good.test(line) || / {2}| $/.test(line) || !line.includes(` ${ip} kube-proxy`))
    expect.fail(`this is no line of ours: ${JSON.stringify(line)}`);
  for (const [, comment = ''] of line.matchAll(/comment "([^"]*)"/g))
    if (Buffer.byteLength(comment) > LONGEST_COMMENT)
      expect.fail(`nft does not take this comment: ${comment}`);
}

/** nft looks up names where it reads them: what is named must stand before what names it. */
function checkOrder(commands: readonly string[]): void {
  const order = ['chain', 'set', 'map', 'element', 'rule'];
  const places = commands.map((line) => order.indexOf(line.split(' ')[1]!));
  expect(places, 'the order of commands').to.deep.equal(places.toSorted());
}

/**
 * What `parse` makes of the script holds the same lines, no more and no fewer, and rules in their
 * order.
 */
function checkDump(dump: Dump, commands: readonly string[]): void {
  const read = dumpLines(dump).filter((line) => !line.startsWith('add table '));
  // Services may share an endpoint or an address: an element of a set may be written twice, one of
  // a map may not.
  const shared = new Set<string>();
  const once = commands.filter((line) => {
    if (!line.startsWith('add element ') || line.includes(' : ')) return true;
    return !shared.has(line) && shared.add(line);
  });
  expect(read.toSorted(), 'read and written').to.deep.equal(once.toSorted());
  const rules = (lines: readonly string[], chain: string): readonly string[] =>
    lines.filter((line) => line.startsWith(`add rule `) && line.split(' ')[4] === chain);
  for (const { units } of dump.tables.values()) {
    if (units.size > 200) continue;
    for (const { declaration, name, rules: held } of units.values())
      if (declaration.kind === 'chain') expect(held).to.deep.equal(rules(commands, name));
  }
}

/** A line is a rule that our own reader understands whole, and writes back the same. */
function checkRule(line: string): NftRule {
  const rule = parseRule(line);
  if (!isKnown(rule)) expect.fail(`this line is not understood: ${line}`);
  const again = printRule(rule);
  if (again !== line) expect(again, 'read and written').to.equal(line);
  return rule;
}

/**
 * Every chain, set and map that anything leads to is made, once, under a name that the kernel
 * takes.
 */
function checkReferences(commands: readonly string[], rules: readonly NftRule[]): void {
  const made = (kind: string): ReadonlySet<string> => {
    const names = commands
      .filter((line) => line.startsWith(`add ${kind} `))
      .map((line) => line.split(' ')[4]!);
    expect(new Set(names).size, `${kind}s are made once`).to.equal(names.length);
    for (const name of names)
      if (name.length > LONGEST_NAME) expect.fail(`this name is too long: ${name}`);
    return new Set(names);
  };
  const [chains, sets, maps] = [made('chain'), made('set'), made('map')];
  const check = (names: ReadonlySet<string>, name: string, kind: string): void => {
    if (!names.has(name)) expect.fail(`${kind} ${name} is not made`);
  };
  for (const line of commands) {
    const target = /^add element .* : goto (\S+) \}$/.exec(line)?.[1];
    if (target !== undefined) check(chains, target, 'chain');
  }
  for (const { chain, statements } of rules) {
    check(chains, chain, 'chain');
    for (const statement of statements) {
      if (statement.kind === 'jump' || statement.kind === 'goto')
        check(chains, statement.chain, 'chain');
      if (statement.kind === 'random-verdict')
        for (const choice of statement.choices)
          if ('chain' in choice) check(chains, choice.chain, 'chain');
      if (statement.kind === 'in-set' || statement.kind === 'update')
        check(sets, statement.set, 'set');
      if (statement.kind === 'verdict-map' || statement.kind === 'map-dnat')
        check(maps, statement.map, 'map');
    }
  }
}

/** A draw names each endpoint once: then all of them get the same share. */
function checkShares({ chain, statements }: NftRule): void {
  for (const statement of statements) {
    const drawn =
      statement.kind === 'random-verdict'
        ? statement.choices.map((choice) => JSON.stringify(choice))
        : statement.kind === 'random-dnat'
          ? statement.targets.map((target) => JSON.stringify(target))
          : [];
    expect(new Set(drawn).size, `${chain} names each endpoint once`).to.equal(drawn.length);
  }
}
