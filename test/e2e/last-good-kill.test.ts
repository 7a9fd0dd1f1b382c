/** The file of the last good state after its writer was killed at any moment. */

import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { readLastGood } from '../../src/agent/observers/last-good.js';
import { SystemHost } from '../../src/host/system-host.js';

describe('last good state', () => {
  it('leaves the old file or the new one where it is killed, never half of one', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vipc-last-good-'));
    try {
      const path = join(folder, 'last-good.json');
      const url = (name: string): string => new URL(`../../src/${name}.ts`, import.meta.url).href;
      const program = `
        const { LastGood } = await import(${JSON.stringify(url('agent/observers/last-good'))});
        const { SystemHost } = await import(${JSON.stringify(url('host/system-host'))});
        const labels = Object.fromEntries(Array.from({ length: 20 }, (_, i) => ['l' + i, 'x'.repeat(60)]));
        const metadata = (i) => ({ name: 'n' + i, labels });
        const lastGood = new LastGood({
          host: new SystemHost(), path: ${JSON.stringify(path)}, every: 0, slice: 0, noticed: console.error,
        });
        for (let version = 0; ; version++) {
          const nodes = Array.from({ length: 200 }, (_, i) => ({
            apiVersion: 'v1', kind: 'Node', metadata: metadata(i), spec: { podCIDR: String(version) },
          }));
          const nodeMap = new Map(nodes.map((node) => [node.metadata.name, node]));
          lastGood.applied({
            services: new Map(), slices: new Map(), nodes: nodeMap, serviceCidrs: [], skippedKinds: new Map(),
          });
          if (version === 3) console.log('going');
          await new Promise((resolve) => setTimeout(resolve, 1));
        }`;
      for (let round = 0; round < 4; round++) {
        const child = spawn(
          process.execPath,
          ['--import', 'tsx', '--input-type=module', '-e', program],
          { stdio: ['ignore', 'pipe', 'inherit'] },
        );
        await new Promise((resolve) => child.stdout.once('data', resolve));
        // One write is over; the next one is on its way when it is killed.
        while (!(await readdir(folder)).includes('last-good.json'))
          await new Promise((resolve) => setTimeout(resolve, 5));
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 60));
        child.kill('SIGKILL');
        await new Promise((resolve) => child.once('exit', resolve));
        const { loaded, diagnostics } = await readLastGood(new SystemHost(), path);
        expect(diagnostics).to.deep.equal([]);
        expect(loaded?.snapshot.nodes.size).to.equal(200);
        const versions = [...(loaded?.snapshot.nodes.values() ?? [])].map((n) => n.spec?.podCIDR);
        expect(new Set(versions).size).to.equal(1);
      }
      expect((await readFile(path, 'utf8')).length).to.be.greaterThan(200 * 1000);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
