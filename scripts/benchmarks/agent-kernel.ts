/**
 * The kernel beside an agent: what it should hold, what it does hold, and the same changes by the
 * tool alone.
 */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { undoSettings } from '../../src/apply/host-settings.js';
import { BACKENDS } from '../../src/backends/index.js';
import type { LayoutName } from '../../src/config/types.js';
import { SystemHost } from '../../src/host/system-host.js';
import {
  type Compiled,
  compileSnapshot,
  type Family,
  type Fragment,
  loadSnapshot,
  type Snapshot,
  updateSnapshot,
} from '../../src/index.js';
import type { ApiObject } from '../../test/support/api-server/index.js';
import type { AgentCell } from './agent-cell.js';
import type { Variant } from './apply-raw.js';
import { clusterJson, serviceName } from './cluster.js';
import { type Side, sideOf } from './sides.js';

const FAMILIES: readonly Family[] = ['IPv4', 'IPv6'];

/** How the rules of one chain are read, without reading all. */
const LIST: Readonly<Record<Variant, readonly string[]>> = {
  nf_tables: ['iptables-nft', '-w', '-t', 'nat', '-S'],
  legacy: ['iptables-legacy', '-w', '-t', 'nat', '-S'],
  nftables: ['nft', 'list', 'chain', 'ip', 'kube-proxy'],
};

export class AgentKernel {
  readonly #variant: Variant;
  readonly #layout: LayoutName;
  readonly #side: Side;
  readonly #host = new SystemHost();
  #snapshot: Snapshot;
  #compiled: Compiled;

  constructor({ variant, layout, size }: Pick<AgentCell, 'variant' | 'layout' | 'size'>) {
    this.#variant = variant;
    this.#layout = layout;
    this.#side = sideOf({ variant, layout });
    this.#snapshot = loadSnapshot([{ name: 'cluster', text: clusterJson(size) }]).snapshot;
    this.#compiled = compileSnapshot(this.#snapshot, 'IPv4', this.#side.compile);
  }

  /** The rules of Service `i` after its first endpoint got this address. */
  moved(i: number, address: string): Fragment {
    const name = serviceName(i);
    const slice = this.#snapshot.slices.get(`bench/${name}`)?.[0];
    const [first, ...others] = slice?.endpoints ?? [];
    if (slice === undefined || first === undefined) throw new Error(`no slice of ${name}`);
    const endpoints = [{ ...first, addresses: [address] }, ...others];
    this.#snapshot = updateSnapshot(this.#snapshot, { set: [{ ...slice, endpoints }] });
    const { compile } = this.#side;
    this.#compiled = compileSnapshot(this.#snapshot, 'IPv4', compile, this.#compiled);
    const origin = `bench/${name}:http TCP`;
    const found = this.#compiled.ruleset.ports.find((port) => port.origin === origin);
    if (found === undefined) throw new Error(`no rules of ${origin}`);
    return found;
  }

  /** Throws where the kernel has no rule or element with this address where there should be one. */
  async mustHold({ text }: Fragment, address: string): Promise<void> {
    const line = text.split('\n').find((some) => some.includes(` ${address}`)) ?? '';
    const [, map = '', key = ''] = /^add element ip kube-proxy (\S+) \{ (.*) : /.exec(line) ?? [];
    const chain = /^(?:-A|add rule ip kube-proxy) (\S+) /.exec(line)?.[1] ?? '';
    const [command = '', ...args] =
      map === ''
        ? [...LIST[this.#variant], chain]
        : ['nft', 'get', 'element', 'ip', 'kube-proxy', map, `{ ${key} }`];
    const { stdout } = await promisify(execFile)(command, args, { encoding: 'utf8' });
    if (!stdout.includes(address)) throw new Error(`${address} is not in the kernel:\n${stdout}`);
  }

  /**
   * Milliseconds that the tool takes to write a Service's own chains, which hold the same already.
   */
  byTool(fragment: Fragment): Promise<number> {
    const { raw } = this.#side;
    return raw.load(raw.ownChains(fragment));
  }

  /**
   * What it holds else than the rules for these objects, in both families; `''` where it holds
   * exactly these.
   */
  async differences(items: readonly ApiObject[], nodeName: string): Promise<string> {
    const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
    const { snapshot } = loadSnapshot([{ name: 'server', text }]);
    const { compile, read } = this.#side;
    const access = BACKENDS[compile.mode].kernel;
    const { facts } = await access.facts(this.#host, { ...read, layout: this.#layout });
    const options = { ...compile, nodeName, host: facts };
    const found: string[] = [];
    for (const family of FAMILIES) {
      const { ruleset } = compileSnapshot(snapshot, family, options);
      const { rules } = await access.read(this.#host, family, read);
      const { changes, leftovers } = rules.plan(ruleset);
      for (const { table, name, action } of [...changes, ...leftovers])
        found.push(`${family} ${table} ${name}: ${action}`);
    }
    return found.join('\n');
  }

  /** Takes back the settings that an agent made, as far as they are not the namespace's own. */
  async undo(): Promise<void> {
    await undoSettings(this.#host);
  }
}
