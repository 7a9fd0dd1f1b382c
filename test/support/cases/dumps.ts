/** The recorded dumps in fixtures/dumps, found by listing. */

import { readdirSync, readFileSync } from 'node:fs';
import type { Dump } from '../../../src/backends/iptables/syntax/parse.js';
import type { Family } from '../../../src/net/ip.js';
import { toTables } from '../kernels/iptables-tables.js';

const ROOT = new URL('../../../fixtures/dumps/', import.meta.url);

export interface RecordedDump {
  /** `iptables-1.8.9/nft.006-clusterip-sctp.v4.save`. */
  readonly path: string;
  readonly version: string;
  readonly variant: 'nft' | 'legacy';
  /** `006-clusterip-sctp`, `foreign`. */
  readonly case: string;
  readonly family: Family;
  /** `save`, `save-c` or `nat-S`. */
  readonly form: string;
  /** Bytes as latin1: not all of them are UTF-8. */
  readonly text: string;
}

/** Every file that a tool printed whole, of all versions and both variants. */
export function recordedDumps(): RecordedDump[] {
  return readdirSync(ROOT)
    .filter((directory) => directory.startsWith('iptables-'))
    .flatMap((directory) =>
      readdirSync(new URL(`${directory}/`, ROOT)).flatMap((file) => {
        const name = /^(nft|legacy)\.(.+)\.v([46])\.(save|save-c|nat-S)$/.exec(file);
        if (name === null) return [];
        const path = `${directory}/${file}`;
        return {
          path,
          version: directory.slice('iptables-'.length),
          variant: name[1] as 'nft' | 'legacy',
          case: name[2]!.replace('.no-etc-protocols', ''),
          family: `IPv${name[3]}` as Family,
          form: name[4]!,
          text: dumpText(path),
        };
      }),
    );
}

/** The listings of nft of cases that kube-proxy loaded, of all versions. */
export function recordedNftDumps(): Pick<
  RecordedDump,
  'path' | 'version' | 'case' | 'family' | 'text'
>[] {
  return readdirSync(ROOT)
    .filter((directory) => directory.startsWith('nft-'))
    .flatMap((directory) =>
      readdirSync(new URL(`${directory}/`, ROOT)).flatMap((file) => {
        const name = /^(\d.+)\.v([46])\.json$/.exec(file);
        if (name === null) return [];
        const path = `${directory}/${file}`;
        return {
          path,
          version: directory.slice('nft-'.length),
          case: name[1]!,
          family: `IPv${name[2]}` as Family,
          text: readFileSync(new URL(path, ROOT), 'utf8'),
        };
      }),
    );
}

/** A file of fixtures/dumps, its bytes as latin1. */
export function dumpText(path: string): string {
  return readFileSync(new URL(path, ROOT), 'latin1');
}

/**
 * The sections of special-cases.txt of one version: the line after `#####`, and what follows it.
 */
export function specialCases(version: string): ReadonlyMap<string, string> {
  const sections = dumpText(`iptables-${version}/special-cases.txt`)
    .split(/^##### /m)
    .slice(1);
  return new Map(
    sections.map((section): [string, string] => {
      const end = section.indexOf('\n');
      return [section.slice(0, end), section.slice(end + 1)];
    }),
  );
}

/** The `-A` lines of a dump as they stand, in order. */
export function rawRules(text: string): string[] {
  return text.split('\n').filter((line) => /^(?:\[\d+:\d+\] )?-A /.test(line));
}

/** The rules of our chains and the jumps to them from the others, by table and chain. */
export function kubeTables(dump: Dump): Record<string, Record<string, readonly string[]>> {
  const ours = ([chain, lines]: [string, readonly string[]]): [string, readonly string[]][] => {
    if (chain.startsWith('KUBE-')) return [[chain, lines]];
    const jumps = lines.filter((line) => / -j KUBE-/.test(line));
    return jumps.length > 0 ? [[chain, jumps]] : [];
  };
  return Object.fromEntries(
    Object.entries(toTables(dump)).flatMap(([table, chains]) => {
      const kept = Object.entries(chains).flatMap(ours);
      return kept.length > 0 ? [[table, Object.fromEntries(kept)]] : [];
    }),
  );
}
