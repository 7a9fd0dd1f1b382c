/** The log of a process that is killed. */

import { execFileSync } from 'node:child_process';
import { expect } from 'chai';

describe('agent/log of a process', () => {
  it('goes to standard error, and is there when the process ends at once', () => {
    const program = `
      const { openLog } = await import(${JSON.stringify(new URL('../../../src/agent/observers/log-writer.ts', import.meta.url).href)});
      for (const format of ['text', 'json']) {
        const log = await openLog({ format, verbosity: 0 });
        for (let i = 0; i < 500; i++) log.info('x', 'line');
      }
      process.kill(process.pid, "SIGKILL");`;
    const script = `"$0" --import tsx --input-type=module -e "$1" 2>&1 >/dev/null | grep -c line`;
    const count = execFileSync('sh', ['-c', script, process.execPath, program], {
      encoding: 'utf8',
      // The shell says that its child was killed.
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    expect(Number(count)).to.equal(1000);
  });
});
