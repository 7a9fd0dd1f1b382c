import performanceHooks from 'node:perf_hooks';
import { expect } from 'chai';
import { SYNC_BUCKETS } from '../../../src/agent/serving/metric-context.js';
import { createMetrics } from '../../../src/agent/serving/metrics.js';
import { oneTransaction } from '../../../src/backends/transaction.js';
import { type BackendName, compileSnapshot } from '../../../src/index.js';
import { DEFAULT_PROFILE, profileOf } from '../../../src/profiles/profiles.js';
import { fragmentsOf } from '../../../src/ruleset/types.js';
import type { Service } from '../../../src/snapshot/types.js';
import { service, slice, snapshotOf } from '../../model/support.js';
import { MemoryHost } from '../../support/kernels/memory-host.js';
import { recordedComponentMetrics, recordedMetrics, scraped, seriesValue } from './metric-text.js';
import { BOTH, healthy, type Scene, scene, syncBoth } from './metrics-scene.js';
import { failure, report } from './stage.js';

function afterPartialSyncs(on: Scene): void {
  healthy(on);
  syncBoth(on, { kind: 'partial' });
  on.metrics.answered('healthz', 503);
}

/** What happened until kube-proxy showed the metrics of a state. */
const STATES: Readonly<Record<string, readonly [BackendName, (on: Scene) => void]>> = {
  'iptables-never-synced-403': [
    'iptables',
    ({ metrics }) => {
      metrics.answered('healthz', 200);
      metrics.answered('livez', 200);
    },
  ],
  'iptables-healthy': ['iptables', healthy],
  'iptables-after-partial-syncs': ['iptables', afterPartialSyncs],
  'iptables-node-missing': [
    'iptables',
    (on) => {
      afterPartialSyncs(on);
      syncBoth(on, { kind: 'partial', triggered: [on.clock.wall()] });
    },
  ],
  'iptables-restore-fails-70s': [
    'iptables',
    (on) => {
      syncBoth(on);
      on.metrics.observer.failed?.(failure('IPv4', 'partial'));
      on.metrics.observer.failed?.(failure('IPv4'));
      for (const probe of ['healthz', 'livez'] as const)
        for (const status of [200, 503]) on.metrics.answered(probe, status);
    },
  ],
  'nftables-healthy': ['nftables', healthy],
};

describe('agent/serving/metrics', () => {
  for (const [state, [mode, happen]] of Object.entries(STATES)) {
    it(`has kube-proxy's series, types, help and buckets: ${state}`, async () => {
      const on = scene(mode);
      happen(on);
      const ours = [...scraped(await on.metrics.text())].filter(([name]) =>
        name.startsWith('kubeproxy_'),
      );
      expect(Object.fromEntries(ours)).to.deep.equal(Object.fromEntries(recordedMetrics(state)));
    });
  }

  it("has client-go's metrics of requests, as recorded", async () => {
    const { metrics, requests } = scene('iptables');
    const host = '192.0.2.1:6443';
    for (const [method, status] of [
      ['GET', 200],
      ['GET', 403],
      ['POST', 403],
    ] as const) {
      requests.answered({ method, host }, status);
      if (status === 200) continue;
      requests.completed({ method, host }, { seconds: 0.02, sent: 0, received: 412 });
    }
    const theirs = recordedComponentMetrics();
    const ours = scraped(await metrics.text());
    for (const name of ['request_duration_seconds', 'request_size_bytes', 'response_size_bytes'])
      expect(ours.get(`rest_client_${name}`), name).to.deep.equal(
        theirs.get(`rest_client_${name}`),
      );
    expect(ours.get('rest_client_requests_total')).to.deep.equal(
      theirs.get('rest_client_requests_total'),
    );
    requests.answered({ method: 'GET', host }, undefined);
    requests.completed({ method: 'GET', host }, { seconds: 1, sent: 0, received: undefined });
    const text = await metrics.text();
    const failed = `rest_client_requests_total{code="<error>",host="${host}",method="GET"}`;
    expect(seriesValue(text, failed)).to.equal(1);
    const of = (name: string) =>
      seriesValue(text, `rest_client_${name}{host="${host}",verb="GET"}`);
    expect(of('request_duration_seconds_count')).to.equal(2);
    expect(of('response_size_bytes_count')).to.equal(1);
    expect(of('response_size_bytes_sum')).to.equal(412);
  });

  it('reports its Kubernetes version and its feature gates', async () => {
    const theirs = recordedComponentMetrics();
    const text = await scene('iptables').metrics.text();
    const info = scraped(text).get('kubernetes_build_info');
    const names = (series: readonly string[] = []) =>
      [...(series[0] ?? '').matchAll(/(\w+)="/g)].map(([, name]) => name);
    const recordedInfo = theirs.get('kubernetes_build_info');
    expect(names(info?.series)).to.deep.equal(names(recordedInfo?.series));
    expect(info).to.include({ type: recordedInfo?.type, help: recordedInfo?.help });
    expect(info?.series[0]).to.match(
      /git_version="v1\.36\.2\+vipc\.9\.9\.9",.*major="1",minor="36",platform="linux\/\w+"/,
    );
    const gates = scraped(text).get('kubernetes_feature_enabled');
    const recordedGates = theirs.get('kubernetes_feature_enabled');
    expect(gates).to.include({ type: recordedGates?.type, help: recordedGates?.help });
    expect(recordedGates?.series).to.include.members([...(gates?.series ?? [])]);
    expect(gates?.series.length).to.equal(6);
    const gate = 'kubernetes_feature_enabled{name="AllowServiceExternalIPs",stage=""}';
    expect(seriesValue(text, gate)).to.equal(1);
    const { text: refused } = createMetrics({
      ...{ mode: 'iptables', families: BOTH, host: new MemoryHost(), version: '1' },
      ...{ profile: DEFAULT_PROFILE, allowServiceExternalIps: false },
    });
    expect(seriesValue(await refused(), gate)).to.equal(0);
  });

  it('reports the Kubernetes version and the feature gates of the kube-proxy that it follows', async () => {
    const of = async (version: string): Promise<readonly (string | undefined)[]> => {
      const { metrics } = scene('iptables', new MemoryHost(), profileOf(version));
      const text = await metrics.text();
      const [info = ''] = scraped(text).get('kubernetes_build_info')?.series ?? [];
      const off = [...text.matchAll(/^kubernetes_feature_enabled.name="(\w+)".* 0$/gm)];
      const labels = /git_version="(v.*?)".*major="(.*?)",minor="(.*?)"/.exec(info)?.slice(1) ?? [];
      return [...labels, ...off.map(([, name]) => name)];
    };
    const olderOff = ['MultiCIDRServiceAllocator', 'PreferSameTrafficDistribution'];
    expect(await of('1.32')).to.deep.equal(['v1.32.13+vipc.9.9.9', '1', '32', ...olderOff]);
    expect(await of('1.33.4')).to.deep.equal(['v1.33.5+vipc.9.9.9', '1', '33', olderOff[1]]);
    expect(await of('1.38')).to.deep.equal(['v1.38.0+vipc.9.9.9', '1', '38']);
  });

  it("has client-go's metrics of a queue for the syncs of each family", async () => {
    const { metrics, clock } = scene('iptables');
    const { observer } = metrics;
    const value = async (name: string, labels = ''): Promise<number | undefined> =>
      seriesValue(await metrics.text(), `workqueue_${name}{${labels}name="sync_proxy_rules_ipv4"}`);
    expect([await value('adds_total'), await value('depth')]).to.deep.equal([0, 0]);
    observer.queued?.(BOTH);
    observer.queued?.(['IPv4']);
    clock.pass(2);
    expect([await value('adds_total'), await value('depth')]).to.deep.equal([1, 1]);
    observer.started?.('IPv4');
    expect(await value('queue_duration_seconds_sum')).to.equal(2);
    expect(await value('depth')).to.equal(0);
    clock.pass(3);
    // This one waits for the next sync.
    observer.queued?.(['IPv4']);
    for (const name of ['unfinished_work_seconds', 'longest_running_processor_seconds'])
      expect(await value(name), name).to.equal(3);
    observer.failed?.(failure('IPv4'));
    expect(await value('work_duration_seconds_sum')).to.equal(3);
    expect(await value('unfinished_work_seconds')).to.equal(0);
    expect([await value('retries_total'), await value('depth')]).to.deep.equal([1, 1]);
    observer.started?.('IPv4');
    observer.synced?.(report('IPv4'));
    // A repair that nobody queued.
    observer.started?.('IPv4');
    observer.synced?.(report('IPv4'));
    expect(await value('adds_total')).to.equal(3);
    expect(await value('work_duration_seconds_count')).to.equal(3);
    expect(await value('queue_duration_seconds_bucket', 'le="1",')).to.equal(2);
  });

  it('counts changes of the families that it serves', async () => {
    const { observer, text } = createMetrics({
      ...{ mode: 'iptables', families: ['IPv4'], host: new MemoryHost(), version: '1' },
      ...{ profile: DEFAULT_PROFILE, allowServiceExternalIps: true },
    });
    observer.changed?.([
      { kind: 'Service', service: 'a/b' },
      { kind: 'EndpointSlice', service: 'a/b', family: 'IPv4' },
      { kind: 'EndpointSlice', service: 'a/c', family: 'IPv6' },
    ]);
    const now = await text();
    const value = (name: string) => seriesValue(now, `kubeproxy_sync_proxy_rules_${name}`);
    expect(value('service_changes_total')).to.equal(1);
    expect(value('endpoint_changes_total')).to.equal(1);
    expect(value('endpoint_changes_pending')).to.equal(1);
  });

  it('does not wake the process to monitor its event loop', async () => {
    const { monitorEventLoopDelay } = performanceHooks;
    let resolution: number | undefined;
    performanceHooks.monitorEventLoopDelay = (options) => {
      resolution = options?.resolution;
      return monitorEventLoopDelay(options);
    };
    try {
      const text = await scene('iptables').metrics.text();
      expect(resolution).to.be.at.least(60_000);
      expect([...scraped(text).keys()].filter((name) => name.includes('eventloop'))).to.deep.equal([
        'nodejs_eventloop_lag_seconds',
      ]);
    } finally {
      performanceHooks.monitorEventLoopDelay = monitorEventLoopDelay;
    }
  });

  it('counts and times syncs, good ones and others', async () => {
    const on = scene('iptables');
    on.clock.pass(10);
    syncBoth(on, { seconds: 0.02 });
    on.metrics.observer.synced?.(report('IPv4', { kind: 'partial', seconds: 0.003 }));
    on.clock.pass(5);
    on.metrics.observer.queued?.(['IPv4']);
    on.metrics.observer.failed?.(failure('IPv4', 'partial'));
    on.metrics.observer.failed?.(failure('IPv4'));
    const text = await on.metrics.text();
    const seconds = on.clock.wall() / 1000;
    const expected: Readonly<Record<string, number>> = {
      'sync_proxy_rules_duration_seconds_count{ip_family="IPv4"}': 4,
      'sync_full_proxy_rules_duration_seconds_count{ip_family="IPv4"}': 2,
      'sync_partial_proxy_rules_duration_seconds_count{ip_family="IPv4"}': 2,
      'sync_partial_proxy_rules_duration_seconds_bucket{ip_family="IPv4",le="0.004"}': 1,
      'sync_full_proxy_rules_duration_seconds_sum{ip_family="IPv6"}': 0.02,
      'sync_proxy_rules_last_queued_timestamp_seconds{ip_family="IPv4"}': seconds,
      'sync_proxy_rules_last_queued_timestamp_seconds{ip_family="IPv6"}': seconds - 15,
      'sync_proxy_rules_last_timestamp_seconds{ip_family="IPv4"}': seconds - 5,
      'sync_proxy_rules_iptables_restore_failures_total{ip_family="IPv4"}': 2,
      'sync_proxy_rules_iptables_partial_restore_failures_total{ip_family="IPv4"}': 1,
    };
    for (const [series, value] of Object.entries(expected))
      expect(seriesValue(text, `kubeproxy_${series}`), series).to.equal(value);
    expect(SYNC_BUCKETS.at(-1)).to.equal(16.384);
  });

  it('counts failed transactions of nft apart', async () => {
    const on = scene('nftables');
    on.metrics.observer.failed?.(failure('IPv6'));
    const text = await on.metrics.text();
    const series = 'kubeproxy_sync_proxy_rules_nftables_sync_failures_total{ip_family="IPv6"}';
    expect(seriesValue(text, series)).to.equal(1);
    expect(text).to.not.include('iptables');
  });

  it('times endpoints from their change on, but not from one before the start', async () => {
    const on = scene('iptables');
    on.clock.pass(10);
    const now = on.clock.wall();
    const triggered = [now - 20_000, now - 3000, now - 200, now + 100];
    on.metrics.observer.synced?.(report('IPv4', { triggered }));
    const text = await on.metrics.text();
    const name = 'kubeproxy_network_programming_duration_seconds';
    expect(seriesValue(text, `${name}_count{ip_family="IPv4"}`)).to.equal(3);
    expect(seriesValue(text, `${name}_bucket{ip_family="IPv4",le="0"}`)).to.equal(1);
    expect(seriesValue(text, `${name}_bucket{ip_family="IPv4",le="0.25"}`)).to.equal(2);
    expect(seriesValue(text, `${name}_bucket{ip_family="IPv4",le="3"}`)).to.equal(3);
  });

  it('reports which changes wait, until every family that they concern has them', async () => {
    const on = scene('iptables');
    const { observer } = on.metrics;
    const pending = async (kind: string): Promise<number | undefined> =>
      seriesValue(await on.metrics.text(), `kubeproxy_sync_proxy_rules_${kind}_changes_pending`);
    syncBoth(on, { seconds: 0 });
    on.clock.pass(1);
    observer.changed?.([
      { kind: 'Service', service: 'a/b' },
      { kind: 'Service', service: 'a/b' },
      { kind: 'EndpointSlice', service: 'a/b' },
      { kind: 'EndpointSlice', service: 'a/c' },
      { kind: 'Node' },
    ]);
    const text = await on.metrics.text();
    expect(seriesValue(text, 'kubeproxy_sync_proxy_rules_service_changes_total')).to.equal(4);
    expect(seriesValue(text, 'kubeproxy_sync_proxy_rules_endpoint_changes_total')).to.equal(2);
    expect([await pending('service'), await pending('endpoint')]).to.deep.equal([1, 2]);
    on.clock.pass(1);
    observer.synced?.(report('IPv4', { seconds: 0.5 }));
    expect(await pending('endpoint')).to.equal(2);
    observer.changed?.([{ kind: 'EndpointSlice', service: 'a/d', family: 'IPv4' }]);
    on.clock.pass(0.1);
    // It began before the last change.
    observer.synced?.(report('IPv6', { seconds: 0.5 }));
    expect(await pending('endpoint')).to.equal(1);
    on.clock.pass(0.1);
    observer.synced?.(report('IPv4', { seconds: 0.05 }));
    observer.synced?.(report('IPv6', { seconds: 0.05 }));
    expect(await pending('endpoint')).to.equal(0);
  });

  it('counts rules by table: what was sent last, and what is there', async () => {
    const on = scene('iptables');
    const { model, ruleset } = compileSnapshot(
      snapshotOf(
        service('a'),
        slice('a', ['10.0.0.1', '10.0.0.2']),
        service('b', { clusterIP: '10.96.0.2' }),
      ),
      'IPv4',
      {},
    );
    const sent = [
      '*nat\n:KUBE-A - [0:0]\n-A KUBE-A -j RETURN\n-I KUBE-B 1 -j X\n-D KUBE-B -j Y\nCOMMIT\n',
      '*filter\n-A KUBE-FORWARD -j ACCEPT\nCOMMIT\n*mangle\n-A KUBE-C -j X\nCOMMIT\n',
    ].map(oneTransaction);
    const plain = report('IPv4');
    on.metrics.observer.synced?.({ ...plain, model, ruleset, result: { ...plain.result, sent } });
    const text = await on.metrics.text();
    const value = (which: string, table: string): number | undefined =>
      seriesValue(
        text,
        `kubeproxy_sync_proxy_rules_iptables_${which}{ip_family="IPv4",table="${table}"}`,
      );
    expect([value('last', 'nat'), value('last', 'filter')]).to.deep.equal([2, 1]);
    const all = fragmentsOf(ruleset)
      .map((fragment) => fragment.text)
      .join('');
    const total = all.match(/^-A /gm)?.length ?? 0;
    expect((value('total', 'nat') ?? 0) + (value('total', 'filter') ?? 0)).to.equal(total);
    expect(value('total', 'filter')).to.be.greaterThan(0);
  });

  it('reads the packet counters of the kernel when asked, once for both, and keeps them when it cannot', async () => {
    let answer: string | undefined =
      '{ pkts = 00000000000000000004, bytes = 00000000000000000336 } = ct_state_invalid_dropped_pkts;\n' +
      '{ pkts = 00000000000000000011, bytes = 00000000000000000924 } = localhost_nps_accepted_pkts;\n';
    const host = new MemoryHost({
      answer: () =>
        answer === undefined ? undefined : { kind: 'exited', code: 0, stdout: answer, stderr: '' },
    });
    const on = scene('iptables', host);
    const read = async (): Promise<readonly (number | undefined)[]> => {
      const text = await on.metrics.text();
      return [
        seriesValue(text, 'kubeproxy_iptables_ct_state_invalid_dropped_packets_total'),
        seriesValue(text, 'kubeproxy_iptables_localhost_nodeports_accepted_packets_total'),
      ];
    };
    expect(await read()).to.deep.equal([4, 11]);
    expect(host.ran).to.have.length(1);
    answer = undefined;
    expect(await read()).to.deep.equal([4, 11]);
  });

  it('counts ports with a Local policy and endpoints elsewhere only', async () => {
    const on = scene('iptables');
    const remote = { addresses: ['10.0.0.9'], nodeName: 'other' };
    const local = { addresses: ['10.0.0.1'], nodeName: 'me' };
    const external = (nodePort: number, clusterIP: string): Service['spec'] => ({
      ...{ clusterIP, ports: nodePort === 0 ? [{ port: 80 }] : [{ port: 80, nodePort }] },
      type: 'LoadBalancer',
      externalTrafficPolicy: 'Local',
    });
    const { model, ruleset } = compileSnapshot(
      snapshotOf(
        service('inner', { internalTrafficPolicy: 'Local' }),
        slice('inner', [remote]),
        service('far', external(30_080, '10.96.0.2')),
        slice('far', [remote]),
        service('near', external(30_081, '10.96.0.3')),
        slice('near', [remote, local]),
        service('nobody', external(30_082, '10.96.0.4')),
        service('unreachable', external(0, '10.96.0.5')),
        slice('unreachable', [remote]),
        service('unready', { clusterIP: '10.96.0.6' }),
        slice('unready', [{ ...remote, conditions: { ready: false, serving: false } }]),
      ),
      'IPv4',
      { nodeName: 'me' },
    );
    on.metrics.observer.synced?.(report('IPv4', { model, ruleset }));
    const text = await on.metrics.text();
    const name = 'kubeproxy_sync_proxy_rules_no_local_endpoints_total';
    expect(seriesValue(text, `${name}{ip_family="IPv4",traffic_policy="internal"}`)).to.equal(1);
    expect(seriesValue(text, `${name}{ip_family="IPv4",traffic_policy="external"}`)).to.equal(1);
    const empty = 'vipc_services_without_endpoints';
    const reasons = ['none', 'not-local', 'not-ready'].map((reason) =>
      seriesValue(text, `${empty}{ip_family="IPv4",reason="${reason}"}`),
    );
    expect(reasons).to.deep.equal([1, 1, 1]);
  });
});
