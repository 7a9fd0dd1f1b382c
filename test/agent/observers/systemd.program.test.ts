/** What systemd hears of an agent, from the first sync to the end. */

import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  openSystemd,
  type Systemd,
  type SystemdOptions,
} from '../../../src/agent/observers/systemd.js';
import type { Diagnostic } from '../../../src/diagnostics.js';
import { SystemHost } from '../../../src/host/system-host.js';
import { whatIsMissing } from '../../support/kernels/kernel-tools.js';
import { MemoryHost, type MemoryHostScript } from '../../support/kernels/memory-host.js';
import { until } from '../../support/until.js';
import { syncReport } from '../reports.js';

interface Opened {
  readonly systemd: Systemd;
  readonly host: MemoryHost;
  readonly noticed: Diagnostic[];
  /** The messages so far, each as one text. */
  readonly messages: () => readonly string[];
}

function open(
  variables: Readonly<Record<string, string>> = {},
  options: Partial<SystemdOptions> = {},
  script: MemoryHostScript = {},
): Opened {
  const host = new MemoryHost({
    variables: { NOTIFY_SOCKET: '/run/systemd/notify', ...variables },
    answer: () => ({ kind: 'exited', code: 0, stdout: '', stderr: '' }),
    ...script,
  });
  const noticed: Diagnostic[] = [];
  const systemd = openSystemd({
    ...{ host, families: ['IPv4', 'IPv6'], alive: () => true },
    noticed: (some) => noticed.push(...some),
    ...options,
  });
  if (systemd === undefined) throw new Error('not opened');
  const messages = (): readonly string[] => host.ran.map(({ args }) => args.join(' | '));
  return { systemd, host, noticed, messages };
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

describe('agent/notify', () => {
  it('does nothing without NOTIFY_SOCKET', () => {
    const host = new MemoryHost();
    expect(
      openSystemd({ host, families: ['IPv4'], alive: () => true, noticed: () => {} }),
    ).to.equal(undefined);
  });

  it('is ready after a sync of all families', async () => {
    const { systemd, messages } = open();
    const { synced, failed } = systemd.observer;
    synced?.(syncReport('IPv6'));
    synced?.(syncReport('IPv6'));
    failed?.({ family: 'IPv4', kind: 'full', seconds: 1, error: new Error('x'), retryAfter: 1 });
    await settled();
    expect(messages()).to.deep.equal([]);
    // What was loaded is read back later.
    synced?.({ ...syncReport('IPv4'), verified: false });
    await settled();
    expect(messages()).to.deep.equal([
      'READY=1 | STATUS=IPv6: 0 Service ports, 0 endpoints, 1 refused; IPv4: 1 Service ports, 3 endpoints, 1 refused',
    ]);
    synced?.(syncReport('IPv4'));
    await settled();
    expect(messages()).to.have.length(1);
    await systemd.stopping();
    expect(messages().slice(1)).to.deep.equal(['STOPPING=1']);
  });

  it('reports a failure and its end at once, on one line', async () => {
    const { systemd, messages } = open({}, { families: ['IPv4'] });
    const { synced, failed, source } = systemd.observer;
    synced?.(syncReport());
    const error = new Error(`cannot\nSTOPPING=1\u0000${'x'.repeat(1000)}`);
    failed?.({ family: 'IPv4', kind: 'full', seconds: 1, error, retryAfter: 1 });
    await until(() => messages().length === 2);
    expect(messages()[1]).to.match(/^STATUS=IPv4 failed: cannot STOPPING=1 x{400,500}$/);
    synced?.(syncReport());
    await until(() => messages().length === 3);
    source?.({ kind: 'Node', state: 'stale', reason: 'refused' });
    await until(() => messages().length === 4);
    expect(messages()[3]).to.match(/^STATUS=Node not followed: refused; IPv4: 1 Service/);
    source?.({ kind: 'Service', state: 'stale', reason: 'refused' });
    failed?.({ family: 'IPv4', kind: 'full', seconds: 1, error: new Error('x'), retryAfter: 1 });
    await until(() => messages().length === 5);
    expect(messages()[4]).to.match(
      /^STATUS=IPv4 failed: x; Node, Service not followed: refused; IPv4/,
    );
    synced?.(syncReport());
    await until(() => messages().length === 6);
    source?.({ kind: 'Service', state: 'following', reason: '' });
    source?.({ kind: 'Node', state: 'following', reason: '' });
    await until(() => messages().length === 7);
    expect(messages()[6]).to.equal(messages()[2]);
    await systemd.stopping();
  });

  it('sends WATCHDOG=1 only while the agent is healthy, from READY=1 to STOPPING=1', async () => {
    let alive = true;
    const { systemd, messages } = open(
      { WATCHDOG_USEC: '10000', WATCHDOG_PID: String(process.pid) },
      { families: ['IPv4'], alive: () => alive },
    );
    const beats = (): number => messages().filter((text) => text.includes('WATCHDOG=1')).length;
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(messages()).to.deep.equal([]);
    systemd.observer.synced?.(syncReport());
    await until(() => beats() >= 3);
    alive = false;
    await settled();
    const before = beats();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(beats()).to.equal(before);
    alive = true;
    await until(() => beats() > before);
    await systemd.stopping();
    const count = messages().length;
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(messages()).to.have.length(count);
    expect(messages().at(-1)).to.match(/STOPPING=1$/);
  });

  it('leaves the watchdog of another process alone', async () => {
    const { systemd, messages } = open(
      { WATCHDOG_USEC: '4000', WATCHDOG_PID: '1' },
      { families: ['IPv4'] },
    );
    systemd.observer.synced?.(syncReport());
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(messages()).to.have.length(1);
    await systemd.stopping();
  });

  it('reports a missing program once, and every refusal', async () => {
    const missing = open({}, { families: ['IPv4'] }, { answer: () => undefined });
    missing.systemd.observer.synced?.(syncReport());
    await settled();
    await missing.systemd.stopping();
    expect(missing.noticed.map(({ code }) => code)).to.deep.equal(['systemd-notify-failed']);
    expect(missing.host.ran).to.have.length(1);
    const refused = open(
      {},
      { families: ['IPv4'] },
      { answer: () => ({ kind: 'exited', code: 1, stdout: '', stderr: 'Failed\n' }) },
    );
    refused.systemd.observer.synced?.(syncReport());
    await settled();
    await refused.systemd.stopping();
    expect(refused.noticed.map(({ message }) => message)).to.deep.equal([
      'systemd cannot be notified: Failed',
      'systemd cannot be notified: Failed',
    ]);
  });

  it('says what to change in the unit, but not where systemd was too busy', async () => {
    const hintAt = async (stderr: string): Promise<string | undefined> => {
      const answer = () => ({ kind: 'exited', code: 1, stdout: '', stderr }) as const;
      const { systemd, noticed } = open({}, { families: ['IPv4'] }, { answer });
      await systemd.stopping();
      return noticed[0]?.hint;
    };
    expect(await hintAt('Failed to notify\n')).to.equal('the unit needs NotifyAccess=all');
    expect(await hintAt('Failed to invoke barrier: Connection timed out\n')).to.equal(undefined);
  });

  it('sends one message at a time, and those that wait together', async () => {
    let running = 0;
    let most = 0;
    const { systemd, messages } = open(
      {},
      { families: ['IPv4'] },
      {
        answer: async () => {
          most = Math.max(most, ++running);
          await new Promise((resolve) => setTimeout(resolve, 10));
          running--;
          return { kind: 'exited', code: 0, stdout: '', stderr: '' };
        },
      },
    );
    const { synced, failed } = systemd.observer;
    synced?.(syncReport());
    for (const message of ['first', 'second']) {
      failed?.({
        ...{ family: 'IPv4', kind: 'full', seconds: 1, retryAfter: 1 },
        error: new Error(message),
      });
      synced?.(syncReport());
    }
    await systemd.stopping();
    expect(most).to.equal(1);
    expect(messages()[0]).to.match(/^READY=1/);
    expect(messages()[1]).to.match(/^STATUS=IPv4: 1 Service ports[^|]*\| STOPPING=1$/);
    expect(messages()).to.have.length(2);
  });

  it('reaches a real socket by the real program', async function () {
    const lack = whatIsMissing(['systemd-notify', 'python3']);
    if (lack !== '') {
      console.log(`      skipped: needs ${lack}`);
      this.skip();
    }
    const folder = await mkdtemp(join(tmpdir(), 'vipc-notify-'));
    const path = join(folder, 'socket');
    // The barrier of systemd-notify ends when its file descriptor is closed, which recv() does.
    const receiver = spawn(
      'python3',
      [
        '-c',
        'import socket,sys\ns=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM)\ns.bind(sys.argv[1])\nprint("listening",flush=True)\nwhile True: print(s.recv(4096).decode().strip().replace("\\n","|"),flush=True)',
        path,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    try {
      let heard = '';
      receiver.stdout.on('data', (text: Buffer) => {
        heard += String(text);
      });
      await until(() => heard.startsWith('listening\n'));
      class Host extends SystemHost {
        override variable(name: string): string {
          return name === 'NOTIFY_SOCKET' ? path : '';
        }
        override run(command: Parameters<SystemHost['run']>[0]): ReturnType<SystemHost['run']> {
          const args = [`NOTIFY_SOCKET=${path}`, command.command, ...command.args];
          return super.run({ ...command, command: 'env', args });
        }
      }
      const { systemd, noticed } = open({}, { host: new Host(), families: ['IPv4'] });
      systemd.observer.synced?.(syncReport());
      await systemd.stopping();
      await until(() => heard.includes('STOPPING=1'));
      const lines = heard.split('\n').filter((line) => !/^(?:BARRIER=1|listening|)$/.test(line));
      expect(lines).to.deep.equal([
        'READY=1|STATUS=IPv4: 1 Service ports, 3 endpoints, 1 refused',
        'STOPPING=1',
      ]);
      expect(noticed).to.deep.equal([]);
    } finally {
      receiver.kill();
      await rm(folder, { recursive: true });
    }
  });
});
