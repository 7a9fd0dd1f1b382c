/**
 * Holds that work grows in proportion to the input, by counting it: no clock, so that small inputs
 * show what large ones would cost, and a busy machine changes nothing.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { expect } from 'chai';

/** What grows, a count to begin with, and what is done with a count. */
export type GrowthCase = readonly [name: string, count: number, run: (count: number) => unknown];

/** V8 loses counts of functions whose bytecode it discards, and of those that it optimises. */
const COUNTING = ['--no-flush-bytecode', '--no-opt'];

/**
 * One test for each case of a module that exports them as `cases`. They run in a process that
 * counts every block of the program and the length of what V8's own functions go through.
 */
export function growthTests(module: URL, cases: readonly GrowthCase[]): void {
  const grown = countingProcess(module);
  for (const [name] of cases)
    it(`is linear in ${name}`, async () => {
      const answer = await grown(name);
      expect(answer, JSON.stringify(answer)).to.deep.equal({ found: [] });
    });
}

/** Tells what grows faster than the count of a case, while the tests of a suite run. */
export function countingProcess(module: URL): (name: string) => Promise<unknown> {
  let counting: ChildProcess;
  before(() => {
    const execArgv = [...COUNTING, '--import', 'tsx'];
    counting = fork(new URL('./counting-process.ts', import.meta.url), [module.href], { execArgv });
  });
  after(() => {
    counting.kill();
  });
  return async (name) => {
    const answer = await new Promise((resolve) => {
      counting.once('message', resolve);
      counting.once('exit', (code) => resolve({ error: `it ended with ${code}` }));
      counting.send(name);
    });
    counting.removeAllListeners();
    return answer;
  };
}
