/**
 * A node with an agent between a client and the pods of one dual-stack Service, which are all
 * replaced again and again.
 */

import { expect } from 'chai';
import type { Family } from '../../src/index.js';
import { lostPackets } from '../packets/passage.js';
import { type Machines, openMachines } from '../packets/traffic-machines.js';
import { PER_SECOND, pause, QUIET } from '../packets/under-load.js';
import type { ApiObject } from '../support/api-server/index.js';
import { type Connection, now } from '../support/machines/traffic-protocol.js';
import { type AgentMode, AgentNode, FAMILIES } from './node.js';
import { cluster, shop, slice } from './objects.js';

/** The connections of the client. */
export const VIPS: Readonly<Record<Family, string>> = {
  IPv4: '10.96.0.200',
  IPv6: 'fd00:10:96::c8',
};
const [PORT, POD_PORT] = [80, 8080];
/** Pods of one generation. */
const PODS = 3;
/** Milliseconds between two looks at the rules, which cost others their time. */
const LOOK = 30;
/** Milliseconds for which a pod still serves when the rules send nobody there any more. */
const GRACE = 100;
const POD = /10\.61\.\d+\.\d+|fd00:10:61::[0-9a-f]+:[0-9a-f]+/g;
/** What prints the rules that translate, of both families. */
const LISTINGS: Readonly<Record<string, string>> = {
  'iptables-nft': 'iptables-nft-save -t nat; ip6tables-nft-save -t nat',
  'iptables-legacy': 'iptables-legacy-save -t nat; ip6tables-legacy-save -t nat',
  nftables: 'nft list ruleset',
};

export class ShopTraffic {
  readonly machines: Machines;
  readonly node: AgentNode;
  #generation = 1;

  private constructor(machines: Machines, node: AgentNode) {
    this.machines = machines;
    this.node = node;
  }

  /** The machines, the API server, and the first pods; no agent yet. */
  static async open(): Promise<ShopTraffic> {
    const machines = await openMachines();
    const objects = [...cluster(5), ...shop('web', 200, 0), ...slices(pods(1))];
    const node = await AgentNode.open({ objects }, machines.node);
    const opened = new ShopTraffic(machines, node);
    await opened.#serve(pods(1));
    return opened;
  }

  /**
   * Replaces every pod: new ones come, the old ones terminate, and go when the rules send nobody
   * there. Every second time the old ones terminate before there is a new one, and serve as long.
   */
  async roll(mode: AgentMode): Promise<void> {
    const { server } = this.node;
    const [old, fresh] = [pods(this.#generation), pods(++this.#generation)];
    if (this.#generation % 2 === 0) await server.setMany(slices([], old));
    await this.#serve(fresh);
    await server.setMany(slices([...old, ...fresh]));
    await this.#sentTo(mode, [...old, ...fresh]);
    await server.setMany(slices(fresh, old));
    await this.#sentTo(mode, fresh);
    await pause(GRACE);
    for (const pod of old) await this.machines.servers.end(pod);
    await server.setMany(slices(fresh));
  }

  /** Waits until the rules send connections to exactly these pods. */
  async #sentTo(mode: AgentMode, addresses: readonly string[]): Promise<void> {
    const wanted = [...addresses].sort().join(' ');
    const deadline = now() + 120_000;
    for (;;) {
      const rules = await this.node.namespace.script(LISTINGS[mode.name]!);
      const found = [...new Set(rules.match(POD))].sort().join(' ');
      if (found === wanted) return;
      if (now() > deadline) throw new Error(`the rules send to ${found}, not to ${wanted}`);
      await pause(LOOK);
    }
  }

  /** Does it while the client never stops asking, and returns what became of every connection. */
  async underLoad(work: () => Promise<void>): Promise<readonly Connection[]> {
    for (const family of FAMILIES)
      await this.machines.client.connect(VIPS[family], PORT, PER_SECOND / FAMILIES.length);
    await pause(QUIET);
    await work();
    await pause(QUIET);
    return this.machines.client.stop();
  }

  /**
   * The same, and no connection may be lost, nor a packet of one, and pods of every
   * generation must be heard.
   */
  async withoutLoss(work: () => Promise<void>): Promise<readonly Connection[]> {
    const first = this.#generation;
    const before = await lostPackets(this.machines.node);
    const connections = await this.underLoad(work);
    expect(lost(connections).map(described)).to.deep.equal([]);
    expect(await lostPackets(this.machines.node), 'lost packets').to.equal(before);
    expect(connections.length).to.be.greaterThan((PER_SECOND * 2 * QUIET) / 1000 / 2);
    const heard = new Set(connections.map(({ by }) => by));
    for (let n = first; n <= this.#generation; n++)
      expect(
        pods(n).some((pod) => heard.has(pod)),
        `pods of generation ${n} are heard`,
      ).to.equal(true);
    return connections;
  }

  async close(): Promise<void> {
    // The node's namespace is one of the machines.
    await this.node.close();
    await this.machines.close();
  }

  async #serve(addresses: readonly string[]): Promise<void> {
    for (const address of addresses) await this.machines.servers.serve(address, POD_PORT);
  }
}

/** Connections that nobody answered. */
export function lost(connections: readonly Connection[]): readonly Connection[] {
  return connections.filter(({ by, error }) => by === '' || error !== '');
}

export function described({ to, error, start, end }: Connection): string {
  return `${to}: ${error || 'no answer'} after ${(end - start).toFixed(0)} ms`;
}

/** The pods of one generation, of both families. */
function pods(generation: number): readonly string[] {
  return Array.from({ length: PODS }, (_, i) => [
    `10.61.${generation}.${i + 1}`,
    `fd00:10:61::${generation.toString(16)}:${i + 1}`,
  ]).flat();
}

function slices(
  ready: readonly string[],
  terminating: readonly string[] = [],
): readonly ApiObject[] {
  return FAMILIES.map((family) => {
    const own = (address: string): boolean => address.includes(':') === (family === 'IPv6');
    return slice('web', family, ready.filter(own), terminating.filter(own));
  });
}
