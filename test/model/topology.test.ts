import { expect } from 'chai';
import { choosePools } from '../../src/model/topology.js';
import type { Endpoint } from '../../src/model/types.js';
import { parseIp } from '../../src/net/ip.js';

/**
 * An endpoint as a word: its name; `-` not ready, `~` terminating but serving, `x` terminating and
 * not serving; `@` on this node; `:z` hinted for zone z; `#n` hinted for node n. `a~@:here#me`.
 */
function endpoint(word: string): Endpoint {
  const [, name = '', state = '', local = '', rest = ''] =
    /^([a-w])([-~x]?)(@?)(.*)$/.exec(word) ?? [];
  const hints = (mark: string): string[] =>
    [...rest.matchAll(/([:#])(\w+)/g)].filter((hint) => hint[1] === mark).map((hint) => hint[2]!);
  return {
    ip: parseIp('10.0.0.1')!,
    port: 80,
    target: name,
    ready: state === '',
    serving: state === '' || state === '~',
    terminating: state === '~' || state === 'x',
    local: local === '@',
    nodeName: '',
    zone: '',
    zoneHints: hints(':'),
    nodeHints: hints('#'),
  };
}

interface Row {
  readonly what: string;
  readonly endpoints: string;
  /** Which policies are used. Both, unless said. */
  readonly uses?: 'cluster' | 'local';
  /** Defaults: node `me` in zone `here`. */
  readonly nodeName?: string;
  readonly zone?: string;
  readonly cluster: string;
  readonly local?: string;
  readonly topology?: 'PreferSameZone' | 'PreferSameNode';
  /** Whether anybody serves; yes, unless said. */
  readonly any?: boolean;
}

/**
 * KEP-1669: proxy terminating endpoints. KEP-2433: zone hints. KEP-3015: node hints. KEP-2086:
 * internal policy.
 */
const ROWS: readonly Row[] = [
  { what: 'nobody', endpoints: '', cluster: '', any: false },
  { what: 'ready ones are used, near and far', endpoints: 'a b@ c', cluster: 'a b c', local: 'b' },
  { what: 'what is not ready is not used', endpoints: 'a- b', cluster: 'b' },
  { what: 'nobody is ready, and nobody terminates', endpoints: 'a- b-@', cluster: '', any: false },
  { what: 'draining ones wait while one is ready', endpoints: 'a~ b', cluster: 'b' },
  {
    what: 'draining ones serve when nobody is ready',
    endpoints: 'a~ b~@ c-',
    cluster: 'a b',
    local: 'b',
  },
  { what: 'what terminates and does not serve is gone', endpoints: 'a~ bx', cluster: 'a' },
  { what: 'only what is gone', endpoints: 'ax bx@', cluster: '', any: false },
  {
    what: 'each pool falls back alone: far ready, near draining',
    endpoints: 'a b~@',
    cluster: 'a',
    local: 'b',
  },
  {
    what: 'each pool falls back alone: near ready, far draining',
    endpoints: 'a~ b@',
    cluster: 'b',
    local: 'b',
  },
  {
    what: 'internal policy Local alone needs no cluster pool',
    endpoints: 'a b@',
    uses: 'local',
    cluster: '',
    local: 'b',
  },
  {
    what: 'policy Local with nobody here, but somebody elsewhere',
    endpoints: 'a b',
    uses: 'local',
    cluster: '',
    any: true,
  },
  {
    what: 'policy Local with somebody draining elsewhere',
    endpoints: 'a~',
    uses: 'local',
    cluster: '',
    any: true,
  },
  {
    what: 'policy Local with nobody anywhere',
    endpoints: 'a- bx',
    uses: 'local',
    cluster: '',
    any: false,
  },
  {
    what: 'policy Cluster alone needs no local pool',
    endpoints: 'a b@',
    uses: 'cluster',
    cluster: 'a b',
  },

  {
    what: 'zone hints choose',
    endpoints: 'a:here b:there c:here:there',
    cluster: 'a c',
    topology: 'PreferSameZone',
  },
  {
    what: 'zone hints: one ready endpoint without a hint ends it',
    endpoints: 'a:here b',
    cluster: 'a b',
  },
  {
    what: 'zone hints: an endpoint without a hint that is not ready does not count',
    endpoints: 'a:here b- c~',
    cluster: 'a',
    topology: 'PreferSameZone',
  },
  { what: 'zone hints: nobody for this zone', endpoints: 'a:there b:there', cluster: 'a b' },
  {
    what: 'zone hints: the one for this zone is not ready',
    endpoints: 'a-:here b:there',
    cluster: 'b',
  },
  {
    what: 'zone hints: the node has no zone',
    zone: '',
    endpoints: 'a:here b:there',
    cluster: 'a b',
  },
  {
    what: 'zone hints do not bind policy Local',
    endpoints: 'a:here b@:there',
    cluster: 'a',
    local: 'b',
    topology: 'PreferSameZone',
  },
  {
    what: 'zone hints do not count where policy Cluster is not used',
    endpoints: 'a:here b@:there',
    uses: 'local',
    cluster: '',
    local: 'b',
  },
  { what: 'draining ones are used without hints', endpoints: 'a~:there b~:here', cluster: 'a b' },

  { what: 'node hints choose', endpoints: 'a#me b#you', cluster: 'a', topology: 'PreferSameNode' },
  {
    what: 'node hints come before zone hints',
    endpoints: 'a#me:there b#you:here',
    cluster: 'a',
    topology: 'PreferSameNode',
  },
  {
    what: 'node hints for others: zone hints choose',
    endpoints: 'a#you:here b#you:there',
    cluster: 'a',
    topology: 'PreferSameZone',
  },
  {
    what: 'node hints missing on one: zone hints choose',
    endpoints: 'a#me:here b:there',
    cluster: 'a',
    topology: 'PreferSameZone',
  },
  { what: 'node hints for others and no zone hints', endpoints: 'a#you b#you', cluster: 'a b' },
  {
    what: 'node hints: the machine is no node',
    nodeName: '',
    endpoints: 'a#me b#you',
    cluster: 'a b',
  },
  {
    what: 'node hints: the one for this node is not ready',
    endpoints: 'a-#me:here b#you:here',
    cluster: 'b',
    topology: 'PreferSameZone',
  },
];

describe('choosePools', () => {
  for (const row of ROWS) {
    it(row.what, () => {
      const endpoints = row.endpoints
        .split(' ')
        .filter((word) => word !== '')
        .map(endpoint);
      const pools = choosePools(endpoints, {
        usesCluster: row.uses !== 'local',
        usesLocal: row.uses !== 'cluster',
        nodeName: row.nodeName ?? 'me',
        zone: row.zone ?? 'here',
      });
      const names = (pool: readonly Endpoint[]): string =>
        pool.map(({ target }) => target).join(' ');
      expect(names(pools.cluster), 'cluster').to.equal(row.cluster);
      expect(names(pools.local), 'local').to.equal(row.local ?? '');
      expect(pools.topology, 'topology').to.equal(row.topology ?? '');
      expect(pools.any, 'any').to.equal(row.any ?? true);
      const both = new Set([...pools.cluster, ...pools.local]);
      expect(names(pools.reachable), 'reachable').to.equal(
        names(endpoints.filter((one) => both.has(one))),
      );
    });
  }
});
