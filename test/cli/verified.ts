/** What `vipc verify` finds in the recorded dump, and in changes of it. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { outputProblems } from '../support/output-schema.js';
import { type Ran, runIn } from '../support/process/run-in.js';

export const CASE = 'fixtures/conformance/268-kitchen-sink';
export const HOST: readonly string[] = ['--host', `${CASE}/host.yaml`];
export const CONFIG: readonly string[] = ['--config', `${CASE}/config.yaml`];
export const OBJECTS: readonly string[] = ['-f', `${CASE}/snapshot.yaml`, ...HOST];
export const DUMP = 'fixtures/dumps/iptables-1.8.9/nft.268-kitchen-sink.v4.save';
export const LISTING = 'fixtures/dumps/nft-1.0.6/268-kitchen-sink.v4.json';
export const BEFORE: string = readFileSync(DUMP, 'latin1');
/** What some endpoint of default/orders:dns is translated to. */
export const DNAT: RegExp = /^-A KUBE-SEP-VQSZIWJ6URCTEAYO .*-j DNAT .*\n/m;

export interface Family {
  readonly frontends: number;
  readonly sources: number;
  readonly settings: readonly { readonly name: string; readonly rules: string }[];
  readonly findings: readonly {
    readonly kind: string;
    readonly origin: string;
    readonly frontend: string;
    readonly sources: readonly string[];
    readonly packet: { readonly destination: string };
    readonly expected: readonly { readonly outcome: string; readonly share: string }[];
    readonly found: readonly { readonly outcome: string; readonly share: string }[];
    readonly path: readonly { readonly line: string }[];
    readonly unknown: readonly string[];
  }[];
  readonly unneeded: readonly {
    readonly kind: string;
    readonly name: string;
    readonly lines: readonly string[];
  }[];
}

type Shares = Family['findings'][number]['found'];

export interface Found {
  readonly answer: string;
  readonly families: { readonly ipv4: Family; readonly ipv6?: Family };
  readonly incomplete: readonly string[];
}

export const verify = (...words: readonly string[]): Promise<Ran> => runIn(['verify', ...words]);

export async function verifyJson(
  ...words: readonly string[]
): Promise<Found & { readonly code: number }> {
  const { out, err, code } = await verify(...words, '-o', 'json');
  expect(out, err).to.match(/^\{/);
  expect(outputProblems(out)).to.deep.equal([]);
  return { ...(JSON.parse(out) as Found), code };
}

/** Rules in a folder of their own for each test of a suite. */
export interface VerifiedRules {
  readonly folder: string;
  readonly fileOf: (text: string) => string;
  readonly verifyText: (text: string) => ReturnType<typeof verifyJson>;
  /** What is found, and the packet, where a part of the dump is another. */
  readonly foundWith: (
    before: string | RegExp,
    after: string,
  ) => Promise<readonly [expected: readonly string[], found: readonly string[]]>;
}

export function verifiedRules(): VerifiedRules {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vipc-verify-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const fileOf = (text: string): string => {
    const path = join(folder, 'rules');
    writeFileSync(path, text, 'latin1');
    return path;
  };
  const verifyText = (text: string): ReturnType<typeof verifyJson> =>
    verifyJson('--rules', fileOf(text), ...OBJECTS, ...CONFIG);
  return {
    get folder() {
      return folder;
    },
    fileOf,
    verifyText,
    foundWith: async (before, after) => {
      const text = BEFORE.replace(before, after);
      expect(text).not.to.equal(BEFORE);
      const { answer, families } = await verifyText(text);
      expect(answer).to.equal('refuted');
      const [first] = families.ipv4.findings;
      const outcomes = (shares: Shares = []): readonly string[] =>
        shares.map(({ outcome }) => outcome);
      return [outcomes(first?.expected), outcomes(first?.found)];
    },
  };
}
