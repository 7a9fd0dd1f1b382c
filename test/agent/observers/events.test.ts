/** Events: those of kube-proxy as it sends them, ours, and never too many. */

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { type EventFacts, eventRequest } from '../../../src/agent/observers/event-object.js';
import { type Events, openEvents } from '../../../src/agent/observers/events.js';
import type { Diagnostic } from '../../../src/diagnostics.js';
import { driftReport, syncReport } from '../reports.js';

interface Recorded {
  readonly requestURI: string;
  readonly requestObject: {
    readonly metadata: { readonly name: string };
    readonly eventTime: string;
  };
}

const [recorded] = JSON.parse(
  readFileSync(new URL('../../../fixtures/kube-proxy/event-request.json', import.meta.url), 'utf8'),
) as Recorded[];

const MINUTE = 60_000_000_000n;

interface Sent {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Events, what was sent, and a clock that stands still. */
class Sending {
  readonly sent: Sent[] = [];
  readonly noticed: Diagnostic[] = [];
  now = 1_795_166_874_837_627_111n;
  readonly events: Events;

  constructor(refusal = '') {
    this.events = openEvents({
      nodeName: 'node-a',
      now: () => this.now,
      noticed: (some) => this.noticed.push(...some),
      post: async (path, body) => {
        this.sent.push({ path, body: body as Sent['body'] });
        if (refusal !== '') throw new Error(refusal);
      },
    });
  }

  /** `reason regarding: note` of all that was sent. */
  async said(): Promise<readonly string[]> {
    await new Promise((resolve) => setTimeout(resolve, 2));
    return this.sent.map(({ body }) => {
      const { kind, namespace, name } = body.regarding as Record<string, string>;
      const about = `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
      return `${body.reportingController} ${body.reason} ${about}: ${body.note}`;
    });
  }
}

const taken = (code: string, object?: Diagnostic['object']): Diagnostic => ({
  ...{ code, severity: 'warning', message: 'it cannot start' },
  ...(object === undefined ? {} : { object }),
});

describe('agent/events', () => {
  it('sends the Event Starting byte for byte as kube-proxy does', async () => {
    const sending = new Sending();
    const { metadata, eventTime } = recorded!.requestObject;
    const micros = /\.\d{3}(\d{3})Z$/.exec(eventTime)?.[1] ?? '';
    sending.now = BigInt(Date.parse(eventTime)) * 1_000_000n + BigInt(micros) * 1000n;
    sending.events.starting();
    await sending.said();
    expect(sending.sent[0]!.path).to.equal(recorded!.requestURI);
    // kube-proxy looks at the clock once for the time and, 2 µs later, once for the name.
    const ours = JSON.stringify(sending.sent[0]!.body);
    const name = /"name":"node-a\.([0-9a-f]{16})"/.exec(ours)?.[1] ?? '';
    expect(BigInt(`0x${name}`)).to.equal(sending.now);
    expect(ours.replace(`node-a.${name}`, metadata.name)).to.equal(
      JSON.stringify(recorded!.requestObject),
    );
  });

  it('reports servers that cannot start, as kube-proxy does', async () => {
    const sending = new Sending();
    const service = { kind: 'Service', namespace: 'shop', name: 'web-lb' };
    sending.events.observer.noticed?.([
      taken('health-check-port-taken', service),
      taken('health-port-taken'),
      taken('metrics-port-taken'),
      taken('something-else'),
      taken('constructor'),
    ]);
    expect(await sending.said()).to.deep.equal([
      'kube-proxy FailedToStartServiceHealthcheck Service shop/web-lb: node node-a: it cannot start',
      'kube-proxy FailedToStartProxierHealthcheck Node node-a: node node-a: it cannot start',
      'kube-proxy FailedToStartMetricServer Node node-a: node node-a: it cannot start',
    ]);
    expect(sending.sent.map(({ path }) => path.split('/')[5])).to.deep.equal([
      ...['shop', 'default', 'default'],
    ]);
    expect(sending.sent.map(({ body }) => body.action)).to.deep.equal([
      ...['Listen', 'StartKubeProxy', 'StartKubeProxy'],
    ]);
    const names = sending.sent.map(({ body }) => (body.metadata as { name: string }).name);
    expect(names[2]).to.not.equal(names[1]);
  });

  it('reports a repair when it was made, once for all findings', async () => {
    const sending = new Sending();
    const { drift, synced } = sending.events.observer;
    const report = { ...syncReport(), result: { ...syncReport().result, refused: [] } };
    drift?.({ ...driftReport(), repair: false });
    drift?.({ ...driftReport(), findings: [], count: 0 });
    synced?.(report);
    expect(await sending.said()).to.deep.equal([]);
    drift?.(driftReport());
    drift?.({ ...driftReport(), count: 40 });
    synced?.({ ...report, family: 'IPv6' });
    expect(await sending.said()).to.deep.equal([]);
    synced?.(report);
    synced?.(report);
    expect(await sending.said()).to.deep.equal([
      'vipc RulesRepaired Node node-a: another program changed the IPv4 rules of node node-a; repaired: ' +
        'rule nat KUBE-SVC-X (shop/web:http TCP), chain nat KUBE-SERVICES, rule nat KUBE-SVC-X (shop/web:http TCP), ' +
        'chain nat KUBE-SERVICES, and more (42 in all)',
    ]);
  });

  it('reports a Service when it is refused, for another reason, and again', async () => {
    const sending = new Sending();
    const synced = (...reasons: readonly string[]): void =>
      sending.events.observer.synced?.({
        ...syncReport(),
        result: {
          ...syncReport().result,
          refused: reasons.map((reason) => ({
            ...{ origin: 'shop/bad:http TCP', reason, line: '', file: '' },
          })),
        },
      });
    synced('first');
    synced('first');
    synced('second');
    synced();
    synced('second');
    const said = await sending.said();
    expect(said.map((text) => text.replace(/^.*refuses the new ones: /, ''))).to.deep.equal([
      ...['first', 'second', 'second'],
    ]);
    expect(said[0]).to.match(/^vipc RulesRefused Service shop\/bad: node node-a keeps the IPv4/);
  });

  it('does not retry a refused Event', async () => {
    const sending = new Sending('events.k8s.io is forbidden');
    sending.events.starting();
    sending.events.observer.noticed?.([taken('metrics-port-taken')]);
    expect(await sending.said()).to.have.length(2);
    expect(sending.noticed.map(({ message }) => message)).to.deep.equal([
      'the Event Starting was refused, and is not sent again: events.k8s.io is forbidden',
      'the Event FailedToStartMetricServer was refused, and is not sent again: events.k8s.io is forbidden',
    ]);
  });

  it('sends 25 at once and then one a minute, also after the clock was set back', async () => {
    const sending = new Sending();
    const many = async (): Promise<number> => {
      const before = sending.sent.length;
      for (let i = 0; i < 100; i++) sending.events.starting();
      await sending.said();
      return sending.sent.length - before;
    };
    expect(await many()).to.equal(25);
    expect(await many()).to.equal(0);
    sending.now += MINUTE - 1n;
    expect(await many()).to.equal(0);
    sending.now += 1n;
    expect(await many()).to.equal(1);
    sending.now -= 1000n * MINUTE;
    expect(await many()).to.equal(0);
    sending.now += 3n * MINUTE;
    expect(await many()).to.equal(3);
    sending.now += 1000n * MINUTE;
    expect(await many()).to.equal(25);
    const names = sending.sent.map(({ body }) => (body.metadata as { name: string }).name);
    expect(new Set(names).size).to.equal(names.length);
  });

  it('keeps to the limits of an API server: 1024 bytes of a note, 253 characters of a name', () => {
    const name = `${'n'.repeat(63)}.`.repeat(4).slice(0, 253);
    const facts: EventFacts = {
      ...{ reason: 'R', action: 'A', note: `x${'é'.repeat(2000)}`, type: 'Normal' },
      ...{ regarding: { kind: 'Node', namespace: '', name }, controller: 'vipc' },
    };
    const { body } = eventRequest(facts, name, 2n ** 63n);
    const { note, metadata, reportingInstance } = body as {
      note: string;
      metadata: { name: string };
      reportingInstance: string;
    };
    expect(Buffer.byteLength(note)).to.be.within(1020, 1024);
    expect(note).to.match(/^xé+\.\.\.$/);
    expect(metadata.name.length).to.be.lessThan(254);
    expect(reportingInstance.length).to.equal(128);
  });
});
