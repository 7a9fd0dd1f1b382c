/**
 * An agent that is killed at any moment, while it starts and while objects change: the next one
 * gets there, and nothing of the dead one is in its way.
 */

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { readLastGood } from '../../src/agent/observers/last-good.js';
import { pause } from '../packets/under-load.js';
import { seed } from '../support/arbitrary/property.js';
import { requireKernel } from '../support/kernels/kernel-tools.js';
import { NamespaceHost } from '../support/machines/namespace-host.js';
import { isSync } from '../support/process/agent-process.js';
import { AGENT_MODES, type AgentMode, AgentNode, FAMILIES } from './node.js';
import { cluster, shop, slice } from './objects.js';

/** Per mode. */
const KILLS = process.env.VIPC_FULL === '1' ? 100 : 4;
const SERVICES = 20;
/**
 * Milliseconds in which an agent that is killed while it starts has come to its first load, or
 * nearly.
 */
const START = 2500;
/** Milliseconds of changes that an agent lives through at most. */
const WORK = 400;

describe('e2e: an agent is killed', () => {
  const nodes: AgentNode[] = [];

  before(function () {
    requireKernel(this, ['iptables-nft', 'iptables-legacy', 'nft', 'conntrack', 'openssl']);
  });
  after(() => Promise.all(nodes.map((node) => node.close())));

  it(`${KILLS} times in every mode: it gets there`, async () => {
    await Promise.all(
      AGENT_MODES.map(async (mode, i) => {
        const node = await AgentNode.open({ objects: cluster(SERVICES) });
        nodes.push(node);
        await killed(node, mode, lcg(seed + i));
      }),
    );
  }).timeout((KILLS + 16) * 30_000);
});

/** Every second one is killed while it starts, the others while they follow. */
async function killed(node: AgentNode, mode: AgentMode, random: () => number): Promise<void> {
  const state = join(node.folder, 'state');
  const flags = ['--last-good', join(state, 'last-good.json'), '--failed-dir', state];
  for (let i = 0; i < KILLS; i++) {
    const agent = await node.start(mode, { flags });
    const changing = changes(node, random);
    if (i % 2 === 0) await pause(random() * START);
    else {
      for (const family of FAMILIES) await agent.until('first sync', isSync(family));
      await pause(random() * WORK);
    }
    const end = await agent.stop('SIGKILL');
    expect(end, agent.other.join('\n')).to.deep.equal({ code: null, signal: 'SIGKILL' });
    await changing.end();
  }
  const last = await node.start(mode, { flags });
  for (const family of FAMILIES) await last.until('sync', isSync(family));
  await node.settled(mode);
  expect(await last.stop()).to.deep.equal({ code: 0, signal: null });
  expect(await node.differences(mode), `VIPC_SEED=${seed}`).to.equal('');
  expect(last.log.filter(({ level }) => level !== 'info' && level !== 'warn')).to.deep.equal([]);
  // A draft that was being written is left by its dead writer, and nobody reads it.
  const others = (await readdir(state)).filter(
    (name) => !/^last-good\.json\.\d+-\d+\.tmp$/.test(name),
  );
  expect(others).to.deep.equal(['last-good.json']);
  const kept = await readLastGood(new NamespaceHost(node.namespace), join(state, 'last-good.json'));
  expect(kept.diagnostics).to.deep.equal([]);
  expect(kept.loaded?.snapshot.services.size).to.equal(
    (await node.server.objects()).filter(({ kind }) => kind === 'Service').length,
  );
}

/** Objects that come, go and change without end, until the process ends. */
function changes(node: AgentNode, random: () => number): { readonly end: () => Promise<void> } {
  let isWanted = true;
  const done = (async () => {
    while (isWanted) {
      const n = 1 + Math.floor(random() * SERVICES);
      const name = `s${n - 1}`;
      const endpoints = Array.from(
        { length: Math.floor(random() * 4) },
        (_, i) => `10.77.${n}.${i + 1}`,
      );
      if (random() < 0.2) await node.server.delete({ kind: 'Service', namespace: 'shop', name });
      else if (random() < 0.3)
        await node.server.setMany(shop(name, n, 1 + Math.floor(random() * 4)));
      else await node.server.set(slice(name, 'IPv4', endpoints));
      await pause(20);
    }
  })();
  return {
    end: () => {
      isWanted = false;
      return done;
    },
  };
}

/** Numbers from 0 to 1 that a seed repeats. */
function lcg(start: number): () => number {
  let state = start >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
