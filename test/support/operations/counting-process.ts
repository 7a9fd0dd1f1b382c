/**
 * The process that counts: it wraps V8's functions and counts blocks before the program is loaded.
 */

import { countBlocks, excessOf } from './blocks.js';
import { countFrom, worked, wrapBuiltins } from './builtins.js';
import type { GrowthCase } from './growth.js';

/** Four times the input makes linear work four times as much, quadratic work sixteen times. */
const TIMES = 4;
const LIMIT = 9;
/** What is done less than so often for each item the first time may begin with a larger input. */
const FLOOR = 40;

const takeBlocks = countBlocks();
wrapBuiltins();
const { cases } = (await import(process.argv[2] ?? '')) as {
  readonly cases: readonly GrowthCase[];
};

/** What the run does, block by block and in functions of V8 that go through a tenth of it. */
async function measured(run: (count: number) => unknown, count: number) {
  takeBlocks();
  countFrom(count / 10);
  await run(count);
  const calls = worked();
  countFrom(Number.POSITIVE_INFINITY);
  return { calls, blocks: takeBlocks() };
}

/** What grows faster than the input, each with its count before and after. */
async function findings(name: string): Promise<readonly string[]> {
  const [, count, run] = cases.find((one) => one[0] === name) ?? ['', 0, () => {}];
  // What is made once, such as tables and templates, is not counted.
  await run(Math.ceil(count / 8));
  const found = await excess(run, count);
  // What is not linear grows by as much again with the input; a step, such as a table that is full,
  // is there once.
  const larger = found.size === 0 ? found : await excess(run, TIMES * count);
  return [...found].filter(([what]) => larger.has(what)).map((one) => one.join(': '));
}

/** Each block and function of V8 that does more than its share of the larger work. */
async function excess(run: GrowthCase[2], count: number): Promise<ReadonlyMap<string, string>> {
  const small = await measured(run, count);
  const large = await measured(run, TIMES * count);
  const found = new Map<string, string>();
  for (const { place, before, after } of excessOf(small.blocks, large.blocks, LIMIT, FLOOR * count))
    found.set(place, `${before} -> ${after}`);
  large.calls.forEach((after, builtin) => {
    const before = small.calls.get(builtin) ?? 0;
    if (after > LIMIT * Math.max(before, FLOOR * count))
      found.set(builtin, `${before} -> ${after}`);
  });
  return found;
}

process.on('message', (name: string) => {
  findings(name).then(
    (found) => process.send?.({ found }),
    (error: Error) => process.send?.({ error: error.stack }),
  );
});
