/** Every document of `-o json` has the shape that its schema in the package promises. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { cleanup } from '../../src/cli/commands/cleanup.js';
import { host } from '../../src/cli/commands/host.js';
import { showVersion } from '../../src/cli/commands/version.js';
import { appliedView } from '../../src/cli/views/apply.js';
import { differencesContent } from '../../src/cli/views/diff-json.js';
import { jsonDocument } from '../../src/cli/views/json-document.js';
import { documentText } from '../../src/cli/views/view.js';
import type { StaleFlow } from '../../src/flows/stale-flows.js';
import { parseIp } from '../../src/net/ip.js';
import type { HostChange } from '../../src/plan/types.js';
import { memoryMachine } from '../support/kernels/memory-machine.js';
import { outputProblems } from '../support/output-schema.js';
import { MemoryTerminal } from '../support/process/memory-terminal.js';
import { runIn } from '../support/process/run-in.js';

const CASE = 'fixtures/conformance/268-kitchen-sink';
const OBJECTS = ['-f', `${CASE}/snapshot.yaml`, '--config', `${CASE}/config.yaml`];
const DUMP = 'fixtures/dumps/iptables-1.8.9/nft.268-kitchen-sink.v4.save';
const USED = readFileSync('fixtures/cleanup/before.v4.save', 'latin1');
const FLOW: StaleFlow = {
  flow: {
    protocol: 'UDP',
    source: parseIp('10.0.0.1')!,
    sourcePort: 1000,
    destination: parseIp('10.96.0.10')!,
    destinationPort: 53,
    replySource: parseIp('10.244.1.2')!,
    replySourcePort: 5353,
    zoned: false,
  },
  origin: 'kube-system/dns:dns UDP',
  cause: 'endpoint-gone',
  reason: '10.244.1.2:5353 is gone',
};
const SETTINGS: readonly HostChange[] = [
  { kind: 'sysctl', name: 'net.ipv4.conf.all.route_localnet', before: '0', after: '1' },
  { kind: 'nfacct', name: 'localhost_nps_accepted_pkts' },
];

function isValid(text: string, kind: string): void {
  expect(JSON.parse(text)).to.include({ apiVersion: 'vipc/v1', kind });
  expect(outputProblems(text)).to.deep.equal([]);
}

/** What a command wrote to standard output, for commands that are given a machine. */
async function written(
  command: (terminal: Parameters<typeof host>[1]) => Promise<number>,
): Promise<string> {
  const terminal = new MemoryTerminal();
  await command(terminal);
  return terminal.out;
}

describe('cli: JSON schemas', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'vipc-schema-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  it('accept what compile prints, with diagnostics of every part', async () => {
    const broken = join(folder, 'broken.yaml');
    writeFileSync(
      broken,
      `${readFileSync(`${CASE}/snapshot.yaml`, 'utf8')}
---
apiVersion: v1
kind: Service
metadata: {name: bad}
spec: {ports: [{port: 70000}]}
`,
    );
    const { out } = await runIn(['compile', '-f', broken, '-o', 'json']);
    isValid(out, 'Rules');
    expect(out).to.include('"position"').and.to.include('"field"');
  });

  it('accept what diff prints: equal, changed, flushed, foreign, other settings', async () => {
    const dump = readFileSync(DUMP, 'latin1');
    const texts = [
      dump,
      dump.replaceAll(/^-A KUBE-SVC-\S+ .*\n/gm, ''),
      dump.replaceAll(/^-A KUBE-S.*\n/gm, ''),
      dump.replace(/^-A KUBE-SERVICES/m, '-A KUBE-SERVICES -p tcp -j RETURN\n$&'),
      dump.replaceAll(/"[^"\n]*cluster IP"/g, '"other"'),
    ];
    for (const [i, text] of texts.entries()) {
      const path = join(folder, `${i}.v4.save`);
      writeFileSync(path, text, 'latin1');
      const words = ['diff', ...OBJECTS, '--host', `${CASE}/host.yaml`, '--against', path];
      isValid((await runIn([...words, '-o', 'json', '--comments'])).out, 'Differences');
    }
    const other = ['diff', ...OBJECTS.slice(0, 2), '--against', DUMP, '-o', 'json'];
    isValid((await runIn(other)).out, 'Differences');
  });

  it('accept what a failing command prints', async () => {
    isValid((await runIn(['compile', '-f', join(folder, 'none.yaml'), '-o', 'json'])).out, 'Error');
  });

  it('accept what cleanup, host and version print about a machine', async () => {
    const { host: machine } = memoryMachine({ nftTables: ['ip kube-proxy'] });
    const used = memoryMachine({ nftTables: ['ip kube-proxy'] });
    used.kernels['iptables-nft']!.restore(`${USED}*nat\n-A MINE -j KUBE-SERVICES\nCOMMIT\n`);
    const limits = { family: 'dual', lockTimeout: 0 } as const;
    for (const dryRun of [true, false]) {
      const flags = { ...limits, dryRun, output: 'json' } as const;
      isValid(await written((terminal) => cleanup(flags, terminal, used.host)), 'Cleanup');
    }
    isValid(await written((terminal) => host({ output: 'json' }, terminal, machine)), 'Host');
    const json = { output: 'json' } as const;
    isValid(await written((terminal) => showVersion(json, terminal, machine)), 'Version');
  });

  it('accept settings and flows', () => {
    const shown = { different: true, compared: [], incomplete: ['*'], missing: [], host: SETTINGS };
    const view = { ...shown, flows: [FLOW], comments: false, verbose: false };
    const document = { ...differencesContent(view), diagnostics: [] };
    isValid(jsonDocument('Differences', document), 'Differences');
    const times = { read: 1.5, load: 2, verify: 0 };
    const done = { families: [], settings: SETTINGS, flows: [FLOW], deletedFlows: 1, loads: 1 };
    const applied = { ...done, times, diagnostics: [] };
    isValid(documentText(appliedView(applied, 'none'), applied), 'Applied');
  });
});
