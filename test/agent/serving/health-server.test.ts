import { expect } from 'chai';
import { healthServer } from '../../../src/agent/serving/health-server.js';
import { ProxyHealth } from '../../../src/agent/serving/proxy-health.js';
import type { Family } from '../../../src/index.js';
import { FakeClock } from '../../support/fake-clock.js';
import { ask, recorded, stableHead, stableHealth } from './raw-answer.js';
import { failure, report, Stage } from './stage.js';

const BOTH: readonly Family[] = ['IPv4', 'IPv6'];

type Script = (health: ProxyHealth, clock: FakeClock) => void;

/** All is well, and some time has passed. */
function synced(health: ProxyHealth, clock: FakeClock): void {
  health.node('eligible');
  health.queued(BOTH);
  clock.pass(0.5);
  health.synced(report('IPv4'));
  clock.pass(0.063);
  health.synced(report('IPv6'));
  clock.pass(13);
}

/** A change came, and its rules could not be loaded. */
function refused(health: ProxyHealth, clock: FakeClock): void {
  synced(health, clock);
  health.queued(['IPv4']);
  clock.pass(0.1);
  health.failed(failure('IPv4', 'partial'));
}

/** What happened until kube-proxy gave the answers of a state. */
const STATES: Readonly<Record<string, Script>> = {
  'iptables-healthy': synced,
  'nftables-healthy': synced,
  'iptables-never-synced-403': (_, clock) => clock.pass(5),
  'iptables-never-synced-403-after-80s': (_, clock) => clock.pass(80),
  'node-missing-at-start-after-80s': (health, clock) => {
    health.node('missing');
    synced(health, clock);
    health.node('missing');
  },
  'iptables-node-tainted': (health, clock) => {
    synced(health, clock);
    health.node('tainted');
  },
  'iptables-node-untainted': (health, clock) => {
    synced(health, clock);
    health.node('tainted');
    health.node('eligible');
  },
  'iptables-node-other-taints': synced,
  'iptables-node-being-deleted': (health, clock) => {
    synced(health, clock);
    health.node('deleting');
  },
  'iptables-node-missing': (health, clock) => {
    synced(health, clock);
    health.node('deleting');
    health.node('missing');
  },
  'iptables-node-back': (health, clock) => {
    synced(health, clock);
    health.node('missing');
    health.node('eligible');
  },
  'iptables-api-down-20s': (health, clock) => {
    synced(health, clock);
    health.source({ kind: 'Service', state: 'stale', reason: 'connection refused' });
    clock.pass(20);
  },
  'iptables-etcd-wiped-after-140s': (health, clock) => {
    synced(health, clock);
    clock.pass(140);
  },
  'iptables-restore-fails-5s': (health, clock) => {
    refused(health, clock);
    clock.pass(5);
  },
  'iptables-restore-fails-70s': (health, clock) => {
    refused(health, clock);
    clock.pass(70);
  },
  'iptables-restore-works-again': (health, clock) => {
    refused(health, clock);
    clock.pass(70);
    health.failed(failure('IPv4'));
    clock.pass(20);
    health.synced(report('IPv4'));
    clock.pass(10);
  },
};

describe('agent/serving/health-server', () => {
  let stage: Stage;
  let answers: string[];

  beforeEach(() => {
    stage = new Stage();
    answers = [];
  });
  afterEach(() => stage.end());

  async function inState(script: Script): Promise<number> {
    const clock = new FakeClock();
    const health = new ProxyHealth({ families: BOTH, syncPeriod: 30_000, clock });
    script(health, clock);
    const answered = (probe: string, status: number): void => {
      answers.push(`${probe} ${status}`);
    };
    return stage.serve(healthServer({ health, clock, answered }));
  }

  for (const [state, script] of Object.entries(STATES)) {
    it(`answers as kube-proxy did: ${state}`, async () => {
      const port = await inState(script);
      for (const path of ['healthz', 'livez']) {
        const ours = await ask(port, `/${path}`);
        const theirs = recorded(state, `10256.${path}`);
        expect(stableHead(ours), path).to.equal(stableHead(theirs));
        expect(stableHealth(ours), path).to.equal(stableHealth(theirs));
      }
    });
  }

  it('answers any method, and 404 elsewhere, byte by byte', async () => {
    const port = await inState(synced);
    const head = await ask(port, '/healthz', { method: 'HEAD' });
    expect(stableHead(head)).to.equal(
      stableHead(recorded('iptables-healthy', '10256.healthz.head')),
    );
    expect(head.head).to.match(/Content-Length: [1-9]/);
    const post = await ask(port, '/healthz?x=1', {
      method: 'POST',
      headers: 'Content-Length: 2\r\n\r\nab',
    });
    const theirs = recorded('iptables-healthy', '10256.healthz.post');
    expect(stableHead(post)).to.equal(stableHead(theirs));
    expect(stableHealth(post)).to.equal(stableHealth(theirs));
    for (const [path, name] of [
      ['/', '10256.root'],
      ['/nope', '10256.nope'],
      ['/healthz/', '10256.nope'],
    ]) {
      const ours = await ask(port, path ?? '');
      const missing = recorded('iptables-healthy', name ?? '');
      expect(stableHead(ours)).to.equal(stableHead(missing));
      expect(ours.body).to.equal(missing.body);
    }
  });

  it('counts the probes that it answers, and nothing else', async () => {
    const port = await inState(refused);
    await ask(port, '/healthz');
    await ask(port, '/livez');
    await ask(port, '/readyz');
    await ask(port, '/nope');
    expect(answers).to.deep.equal(['healthz 200', 'livez 200']);
  });

  it('names at /readyz what is missing', async () => {
    const port = await inState((health, clock) => {
      synced(health, clock);
      health.source({ kind: 'EndpointSlice', state: 'stale', reason: 'HTTP 503' });
      clock.pass(301);
      health.failed(failure('IPv6'));
    });
    const { head, body } = await ask(port, '/readyz');
    expect(head).to.match(/^HTTP\/1\.1 503 /);
    expect(JSON.parse(body)).to.deep.equal({
      ready: false,
      reasons: [
        'IPv6: the last sync failed: exit status 4',
        'EndpointSlice objects are stale for 301 s: HTTP 503',
      ],
    });
    const good = await ask(await inState(synced), '/readyz');
    expect(good.head).to.match(/^HTTP\/1\.1 200 OK/);
    expect(good.body).to.equal('{"ready":true,"reasons":[]}');
  });
});
