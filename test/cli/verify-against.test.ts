/** `vipc verify --against`: dumps, modes, what is by design and what is not, flags. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { outputProblems } from '../support/output-schema.js';
import { type Ran, runIn } from '../support/process/run-in.js';

const CASE = 'fixtures/conformance/268-kitchen-sink';
const HOST = ['--host', `${CASE}/host.yaml`];
const DUMP = 'fixtures/dumps/iptables-1.8.9/nft.268-kitchen-sink.v4.save';
const LEGACY = 'fixtures/dumps/iptables-1.8.9/legacy.268-kitchen-sink.v4.save';
const LISTING = 'fixtures/dumps/nft-1.0.6/268-kitchen-sink.v4.json';
const BEFORE = readFileSync(DUMP, 'latin1');
/** What some endpoint of default/orders:dns is translated to. */
const DNAT = /^-A KUBE-SEP-VQSZIWJ6URCTEAYO .*-j DNAT .*\n/m;

interface Side {
  readonly before: string;
  readonly after: string;
  readonly frontends: number;
  readonly sources: number;
  readonly intended: readonly {
    readonly code: string;
    readonly services: readonly { readonly origin: string; readonly frontends: string[] }[];
  }[];
  readonly findings: readonly {
    readonly kind: string;
    readonly origin: string;
    readonly frontend: string;
    readonly packet: { readonly age?: number };
    readonly before: readonly { readonly outcome: string; readonly share: string }[];
    readonly after: readonly { readonly outcome: string; readonly share: string }[];
    readonly path: readonly { readonly line: string }[];
    readonly unknown: readonly string[];
  }[];
}

interface Found {
  readonly answer: string;
  readonly families: { readonly ipv4: Side };
  readonly incomplete: readonly string[];
  readonly diagnostics: readonly { readonly code: string }[];
}

const verify = (...words: readonly string[]): Promise<Ran> => runIn(['verify', ...words]);

async function verifyJson(...words: readonly string[]): Promise<Found & { readonly code: number }> {
  const { out, err, code } = await verify(...words, '-o', 'json');
  expect(out, err).to.match(/^\{/);
  expect(outputProblems(out)).to.deep.equal([]);
  return { ...(JSON.parse(out) as Found), code };
}

const codes = ({ families }: Found): readonly string[] =>
  families.ipv4.intended.map(({ code }) => code);

describe('cli/verify --against', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vipc-against-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function fileOf(text: string, name = 'rules'): string {
    const path = join(folder, name);
    writeFileSync(path, text, 'latin1');
    return path;
  }

  it('finds the dumps of both variants of iptables equal, without any objects', async () => {
    const { code, out } = await verify('--rules', DUMP, '--against', LEGACY, ...HOST);
    expect([code, out]).to.deep.equal([
      0,
      `${DUMP} -> ${LEGACY} (IPv4): 12 frontends x 3 sources: all the same\n`,
    ]);
    const found = await verifyJson('--rules', DUMP, '--against', LEGACY, ...HOST);
    expect([found.answer, found.code]).to.deep.equal(['equal', 0]);
    expect(found.families.ipv4).to.deep.include({ frontends: 12, sources: 3, intended: [] });
  });

  it('names the Service that an endpoint is missing of, with a packet and both shares', async () => {
    const after = fileOf(BEFORE.replace(DNAT, ''));
    const found = await verifyJson('--rules', DUMP, '--against', after, ...HOST);
    expect([found.answer, found.code]).to.deep.equal(['different', 1]);
    const { findings } = found.families.ipv4;
    expect(new Set(findings.map(({ origin }) => origin))).to.deep.equal(
      new Set(['default/orders:dns UDP']),
    );
    const endpoint = { outcome: 'accept to 10.81.212.229:45408', share: '1/3' };
    expect(findings[0]?.before).to.deep.include(endpoint);
    expect(findings[0]?.after).not.to.deep.include(endpoint);
    expect(findings[0]?.path.some(({ line }) => line.includes('VQSZIWJ6URCTEAYO'))).to.equal(true);
    const { out } = await verify('--rules', DUMP, '--against', after, ...HOST);
    expect(out).to.include('  before   33.3% to 10.81.182.156:45408');
    expect(out).to.include('  after    ');
  });

  it('separates what the modes do differently by design from what is wrong', async () => {
    const equal = await verifyJson('--rules', DUMP, '--against', LISTING, ...HOST);
    expect([equal.answer, equal.code]).to.deep.equal(['equal', 0]);
    expect(codes(equal)).to.deep.equal([
      'node-port-loopback',
      'cluster-ip-port',
      'service-cidr',
      'hairpin',
      'invalid',
      'loopback-guard',
    ]);
    const [loopback] = equal.families.ipv4.intended;
    expect(loopback?.services.map(({ origin }) => origin)).to.have.members([
      'default/orders:dns UDP',
      'default/orders:sig SCTP',
      'default/orders:web TCP',
    ]);
    // A node port that is closed on an address that accepts node ports is no difference by design.
    const listing = JSON.parse(readFileSync(LISTING, 'utf8')) as { nftables: object[] };
    const text = JSON.stringify(listing, (_key, value: unknown) =>
      Array.isArray(value)
        ? value.filter((one) => !JSON.stringify(one).startsWith('[{"concat":["tcp",30153]}'))
        : value,
    );
    expect(text).not.to.equal(JSON.stringify(listing));
    const lost = await verifyJson('--rules', DUMP, '--against', fileOf(text), ...HOST);
    expect([lost.answer, lost.code]).to.deep.equal(['different', 1]);
    expect(lost.families.ipv4.findings.map(({ frontend }) => frontend)).to.deep.equal([
      'node port 30153',
    ]);
    // From mode nftables to mode iptables it is the same list.
    const back = await verifyJson('--rules', LISTING, '--against', DUMP, ...HOST);
    expect([back.code, codes(back)]).to.deep.equal([0, codes(equal)]);
  });

  it('says from a dump alone what another mode would do', async () => {
    const words = ['--rules', DUMP, '--against', 'nftables'];
    const found = await verifyJson(...words);
    expect([found.answer, found.code]).to.deep.equal(['equal', 0]);
    expect(codes(found)).to.include.members(['node-port-address', 'node-port-loopback']);
    expect(codes(found)).not.to.include('service-cidr');
    expect(found.diagnostics.map(({ code }) => code)).to.include.members([
      'machine-assumed',
      'services-recovered',
      'service-cidr-unknown',
    ]);
    const known = await verifyJson(...words, '--service-cidr', '10.82.0.0/16');
    expect(codes(known)).to.include('service-cidr');
  });

  it('compiles objects for the other mode, beside the rules of others', async () => {
    const objects = ['-f', `${CASE}/snapshot.yaml`, '--config', `${CASE}/config.yaml`, ...HOST];
    const words = ['--against', 'nftables', ...objects];
    const found = await verifyJson('--rules', DUMP, ...words);
    expect([found.answer, codes(found).includes('hairpin')]).to.deep.equal(['equal', true]);
    const closed = fileOf(BEFORE.replace(/^(\*filter\n(?:.*\n)*?:FORWARD) ACCEPT/m, '$1 DROP'));
    const dropped = await verifyJson('--rules', closed, ...words);
    expect([dropped.code, codes(dropped).includes('forward-policy')]).to.deep.equal([0, true]);
    const broken = await verifyJson('--rules', fileOf(BEFORE.replace(DNAT, '')), ...words);
    expect([broken.code, broken.families.ipv4.findings[0]?.origin]).to.deep.equal([
      1,
      'default/orders:dns UDP',
    ]);
  });

  it('compares what clients that were here before get', async () => {
    const name = '132-session-affinity-local-policies';
    const dump = `fixtures/dumps/iptables-1.8.9/nft.${name}.v4.save`;
    const text = readFileSync(dump, 'latin1');
    const seconds = / --seconds (\d+) /.exec(text)?.[1];
    const words = ['--rules', dump, '--host', `fixtures/conformance/${name}/host.yaml`];
    expect((await verifyJson(...words, '--against', dump)).answer).to.equal('equal');
    const listing = `fixtures/dumps/nft-1.0.6/${name}.v4.json`;
    expect((await verifyJson(...words, '--against', listing)).answer).to.equal('equal');
    const shorter = fileOf(text.replaceAll(` --seconds ${seconds} `, ' --seconds 7 '));
    const found = await verifyJson(...words, '--against', shorter);
    expect(found.answer).to.equal('different');
    expect(found.families.ipv4.findings[0]?.packet.age).to.equal(7);
  });

  it('says what it does not understand, with exit code 2', async () => {
    const rule = '-A PREROUTING -m nosuch --thing 1 -j DROP\n';
    const after = fileOf(BEFORE.replace(/^(?=-A PREROUTING )/m, rule));
    const found = await verifyJson('--rules', DUMP, '--against', after, ...HOST);
    expect([found.answer, found.code]).to.deep.equal(['unknown', 2]);
    expect(found.families.ipv4.findings[0]?.unknown).to.deep.equal(['-m nosuch --thing 1']);
    expect((await verifyJson('--rules', after, '--against', after, ...HOST)).answer).to.equal(
      'equal',
    );
  });

  it('compares the Services that are named', async () => {
    const words = ['--rules', DUMP, '--against', fileOf(BEFORE.replace(DNAT, '')), ...HOST];
    expect((await verifyJson(...words, 'default/orders')).answer).to.equal('different');
    const other = await verifyJson(...words, '-n', 'nosuch');
    expect([other.answer, other.families.ipv4.frontends]).to.deep.equal(['equal', 0]);
  });

  it('leaves out Services of which an object was left out, and says so', async () => {
    const bad = join(folder, 'bad.yaml');
    const text =
      'apiVersion: v1\nkind: Service\nmetadata: {name: bad}\nspec: {ports: [{port: 0}]}\n';
    writeFileSync(bad, text);
    const objects = ['-f', `${CASE}/snapshot.yaml`, '-f', bad];
    const found = await verifyJson('--rules', DUMP, '--against', LEGACY, ...HOST, ...objects);
    expect([found.code, found.incomplete]).to.deep.equal([2, ['default/bad']]);
  });

  it('refuses flags that would do nothing, and dumps of different families', async () => {
    const words = ['--rules', DUMP, '--against', LEGACY];
    for (const [flags, message] of [
      [['--mode', 'nftables'], '--mode does not go with --against: each ruleset has its own mode'],
      [['--zone', 'a'], '--zone is about objects: it goes with -f'],
      [
        ['--iptables', 'nft'],
        '--iptables is for the kernel of this machine: it goes with --rules kernel',
      ],
      [
        ['--templates', 'templates'],
        '--templates says how rules are written; verify compares what they do',
      ],
    ] satisfies [string[], string][]) {
      const { code, err } = await verify(...words, ...flags);
      expect([code, err.split('\n')[0]]).to.deep.equal([64, `error: ${message}`]);
    }
    const six = 'fixtures/dumps/nft-1.0.6/190-ipv6-everything.v6.json';
    const { code, err } = await verify('--rules', DUMP, '--against', six);
    expect([code, err.split('\n')[0]]).to.deep.equal([
      64,
      `error: "${six}" is IPv6, the rules to compare with are IPv4`,
    ]);
  });
});
