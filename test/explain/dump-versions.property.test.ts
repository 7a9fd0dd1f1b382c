/** What kube-proxy wrote is proven as every version of the tools prints it. */

import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { BackendName, Family } from '../../src/index.js';
import { conformanceCases } from '../support/cases/conformance-cases.js';
import { type Subject, subjectOf } from '../support/mutants/proven.js';

const DUMPS = new URL('../../fixtures/dumps/', import.meta.url);
/** `nft.268-kitchen-sink.v4.save`, `legacy.….v6.save-c`, `268-kitchen-sink.v4.json`. */
const NAME = /^(?:nft\.|legacy\.)?(\d{3}-[a-z0-9-]+)\.v([46])\.(?:save|save-c|json)$/;

const subjects = new Map<string, Subject | undefined>();

function subjectFor(name: string, mode: BackendName, family: Family): Subject | undefined {
  const key = `${name} ${mode} ${family}`;
  const found = conformanceCases().find((one) => one.recordedHere && one.name === name);
  if (!subjects.has(key)) subjects.set(key, found && subjectOf(found, mode, family));
  return subjects.get(key);
}

for (const version of readdirSync(DUMPS).sort()) {
  const mode = /^(iptables|nft)-\d/.exec(version)?.[1];
  if (mode === undefined) continue;
  it(`dumps of ${version} are proven`, () => {
    let tried = 0;
    for (const file of readdirSync(new URL(`${version}/`, DUMPS))) {
      const [, name, digit] = NAME.exec(file) ?? [];
      if (name === undefined) continue;
      const backend = mode === 'nft' ? 'nftables' : 'iptables';
      const subject = subjectFor(name, backend, digit === '4' ? 'IPv4' : 'IPv6');
      if (subject === undefined) continue;
      const text = readFileSync(new URL(`${version}/${file}`, DUMPS), 'latin1');
      expect(subject.ask(text), file).to.equal('proven');
      tried++;
    }
    expect(tried).to.be.above(10);
  });
}
