/** The recorded rules of conformance cases, in their canonical form, as the text of a dump. */

import type { BackendName, Family } from '../../../src/index.js';
import { EXCEPTIONS } from '../../conformance/exceptions.js';
import { type ConformanceCase, hasCaseFile, readCaseFile } from './conformance-cases.js';

const FILES = { iptables: 'expected.iptables', nftables: 'expected.nft' } as const;

/** Whether the rules of a case were recorded in a mode. */
export function isRecorded(found: ConformanceCase, mode: BackendName): boolean {
  return hasCaseFile(found, `${FILES[mode]}.v4`);
}

/** The rules of kube-proxy for a case, with our exceptions, as the text of a dump. */
export function recordedRules(found: ConformanceCase, mode: BackendName, family: Family): string {
  const recorded = readCaseFile(found, `${FILES[mode]}.v${family.slice(3)}`);
  const exception = EXCEPTIONS.find(({ cases }) => cases.test(found.name));
  const canonical = exception === undefined ? recorded : exception.expected[mode](recorded);
  return dumpOf(canonical, mode, family);
}

/** Canonical rules as the text of a dump. */
export function dumpOf(canonical: string, mode: BackendName, family: Family): string {
  return mode === 'iptables' ? iptablesDump(canonical) : nftScript(canonical, family);
}

/**
 * The canonical form of iptables-save as a dump: chains with their policies, tables with COMMIT.
 */
function iptablesDump(canonical: string): string {
  const tables = canonical.split(/^(?=\*)/m).filter((text) => text.trim() !== '');
  return tables
    .map((table) => {
      const lines = table.trimEnd().split('\n');
      const declared = lines.map((line) => (line.startsWith(':') ? `${line} - [0:0]` : line));
      return `${declared.join('\n')}\nCOMMIT\n`;
    })
    .join('');
}

/** The canonical form of a table of nft as a script with one command a line. */
function nftScript(canonical: string, family: Family): string {
  const table = `${family === 'IPv4' ? 'ip' : 'ip6'} kube-proxy`;
  return canonical
    .trimEnd()
    .split('\n')
    .map((line) => nftCommand(line, table))
    .filter((line) => line !== '')
    .join('\n');
}

function nftCommand(line: string, table: string): string {
  const blank = line.indexOf(' ');
  const [kind, rest] = [line.slice(0, blank), line.slice(blank + 1)];
  // The comment of an element stands before what it leads to.
  if (kind === 'element') {
    const text = rest.replace(/ : (.*) (comment "[^"]*") \}$/, ' $2 : $1 }');
    return `add element ${table} ${text}`;
  }
  if (kind === 'table') return `add table ${table}`;
  // Properties end in semicolons; those of a hook are one.
  const block = /^(\S+) \{ (.*) \}$/.exec(rest);
  if (kind === 'rule' || block === null) return `add ${kind} ${table} ${rest}`;
  const [, name = '', properties = ''] = block;
  const text =
    kind === 'chain' ? properties.replaceAll(';', '') : properties.replaceAll('; ', ' ; ');
  return `add ${kind} ${table} ${name} { ${text} ; }`;
}
