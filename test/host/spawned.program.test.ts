/** Programs that cannot be started because no file descriptor or process is left. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';

const HOST = new URL('../../src/host/system-host.ts', import.meta.url).href;

/** Takes all descriptors but a few of the process, and runs programs in each way. */
const SCRIPT = `
  const { SystemHost } = await import('${HOST}');
  const { closeSync, openSync } = await import('node:fs');
  const host = new SystemHost();
  const cat = (more) => host.run({ command: 'cat', args: [], ...more });
  const ways = [
    () => cat({}),
    () => cat({ input: 'x' }),
    () => cat({ input: 'x'.repeat(100_000) }),
    () => cat({ input: 'x', again: true }),
    () => host.follow({ command: 'true', args: [] }, () => {}),
  ];
  const run = async () => {
    const kinds = [];
    for (const way of ways) kinds.push((await way()).kind);
    return kinds.join(' ');
  };
  const found = [await run()];
  for (const spare of [0, 4]) {
    const taken = [];
    try { for (;;) taken.push(openSync('/dev/null')); } catch {}
    for (let i = 0; i < spare; i++) closeSync(taken.pop());
    found.push(await run(), (await cat({})).reason);
    for (const file of taken) closeSync(file);
  }
  found.push(await run());
  if (process.getuid() === 0) {
    process.setuid(65534);
    found.push(await cat({}));
  }
  console.log(JSON.stringify(found));
  process.exit();
`;

describe('host/spawned', () => {
  it('gives a program for which there is no room as a value, whichever way it is started', async () => {
    const node = [process.execPath, '--import', 'tsx', '--input-type=module', '-e', SCRIPT];
    // Root may have more processes than that, and becomes another user when it matters.
    const limits = 'ulimit -n 100; [ "$(id -u)" != 0 ] || ulimit -u 1 2>/dev/null || ulimit -p 1';
    const limited = ['-c', `${limits}; exec "$@"`, 'sh', ...node];
    const { stdout, stderr } = await promisify(execFile)('sh', limited);
    const [ended, unstarted] = ['exited', 'unstarted'].map((kind) => Array(5).fill(kind).join(' '));
    const without = [unstarted, 'spawn cat EMFILE'];
    const noProcess = { kind: 'unstarted', reason: 'spawn cat EAGAIN' };
    const asRoot = process.getuid?.() === 0 ? [noProcess] : [];
    expect(JSON.parse(stdout)).to.deep.equal([ended, ...without, ...without, ended, ...asRoot]);
    expect(stderr).to.equal('');
  });
});
