/** How an unchanged kernel is recognised: a listener that sleeps, as /proc shows it. */

import { expect } from 'chai';
import { ChangeDetector } from '../../src/drift/change-detector.js';
import type { Command, CommandResult } from '../../src/host/host.js';
import { MemoryHost } from '../support/kernels/memory-host.js';

const PID = 4711;
const ENDED: CommandResult = { kind: 'exited', code: 0, stdout: '', stderr: '' };

interface Listener {
  readonly state?: string;
  readonly sleeps?: number;
  readonly groups?: string;
  readonly unread?: number;
  readonly lost?: number;
}

/** A machine with a listener that runs until it is ended. */
class ListeningHost extends MemoryHost {
  starts = 0;
  end = (_: CommandResult): void => {};

  constructor() {
    super({ links: { [`/proc/${PID}/fd/0`]: '/dev/null', [`/proc/${PID}/fd/4`]: 'socket:[815]' } });
    this.show({});
  }

  /** What /proc says of it. */
  show({
    state = 'S (sleeping)',
    sleeps = 3,
    groups = '00000040',
    unread = 0,
    lost = 0,
  }: Listener) {
    this.files.set(
      `/proc/${PID}/status`,
      `Name:\tx\nState:\t${state}\nvoluntary_ctxt_switches:\t${sleeps}\nnonvoluntary_ctxt_switches:\t9\n`,
    );
    this.files.set(
      '/proc/net/netlink',
      [
        'sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode',
        '0000000000000000 0   1          00000040 7        0        0     2        7        815',
        '0000000000000000 12  77         00000040 7        0        0     2        7        816',
        `0000000000000000 12  4064562066 ${groups} ${unread}        0        0     2        ${lost}        815     `,
        '',
      ].join('\n'),
    );
  }

  override follow(
    _command: Command,
    _onLine: (line: string) => void,
    onStart?: (pid: number) => void,
  ): Promise<CommandResult> {
    this.starts++;
    onStart?.(PID);
    return new Promise((resolve) => {
      this.end = resolve;
    });
  }
}

const NEVER = new AbortController().signal;

describe('drift/change-detector', () => {
  it('gives the same mark until the listener was awake, and starts it once', async () => {
    const host = new ListeningHost();
    const detector = new ChangeDetector(host, NEVER);
    const [first, second] = await Promise.all([detector.mark(), detector.mark()]);
    expect(first).to.be.a('string');
    expect(second).to.equal(first);
    expect(await detector.mark()).to.equal(first);
    host.show({ sleeps: 4 });
    expect(await detector.mark())
      .to.be.a('string')
      .and.not.equal(first);
    expect(host.starts).to.equal(1);
  });

  for (const [what, listener] of [
    ['it is awake', { state: 'R (running)' }],
    ['it is stopped', { state: 'T (stopped)' }],
    ['something waits for it', { unread: 512 }],
    ['it has lost messages', { lost: 1 }],
    ['it does not listen', { groups: '00000000' }],
  ] as const)
    it(`gives none while ${what}`, async () => {
      const host = new ListeningHost();
      const detector = new ChangeDetector(host, NEVER);
      const before = await detector.mark();
      host.show(listener);
      expect(await detector.mark()).to.equal(undefined);
      host.show({});
      expect(await detector.mark()).to.equal(before);
    });

  it('gives one as soon as a listener listens that took long to start', async () => {
    const host = new ListeningHost();
    host.show({ groups: '00000000' });
    const detector = new ChangeDetector(host, NEVER);
    expect(await detector.mark()).to.equal(undefined);
    host.show({});
    expect(await detector.mark()).to.be.a('string');
    expect(host.starts).to.equal(1);
  });

  it('starts a listener again that ended, and not one that is missing', async () => {
    const host = new ListeningHost();
    const detector = new ChangeDetector(host, NEVER);
    await detector.mark();
    host.end(ENDED);
    await Promise.resolve();
    expect(await detector.mark()).to.be.a('string');
    expect(host.starts).to.equal(2);
    host.end({ kind: 'missing', reason: 'sh: xtables-monitor: not found' });
    await Promise.resolve();
    expect(await detector.mark()).to.equal(undefined);
    expect(host.starts).to.equal(2);
  });

  for (const code of [126, 127])
    it(`starts none again that the shell could not start: exit code ${code}`, async () => {
      const host = new ListeningHost();
      const detector = new ChangeDetector(host, NEVER);
      await detector.mark();
      host.end({ ...ENDED, code });
      await Promise.resolve();
      expect(await detector.mark()).to.equal(undefined);
      expect(host.starts).to.equal(1);
    });
});
