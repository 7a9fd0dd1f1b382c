/** Counts how often each block of the program runs, with V8's coverage. */

import { type Profiler, Session } from 'node:inspector';

/** What ran between two readings. */
export type Coverage = readonly Profiler.ScriptCoverage[];

/** Starts to count blocks. Only code that is loaded afterwards is counted block by block. */
export function countBlocks(): () => Coverage {
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  return () => {
    let coverage: Coverage = [];
    // Answers at once: the session is that of this thread.
    session.post('Profiler.takePreciseCoverage', (error, answer) => {
      if (error !== null) throw error;
      coverage = answer.result;
    });
    return coverage.filter(({ url }) => url.startsWith('file:') && !/\/(?:test|tsx)\//.test(url));
  };
}

/** A block that ran more than `limit` times as often, or than `limit` times `floor`. */
interface Excess {
  readonly place: string;
  readonly before: number;
  readonly after: number;
}

/** The blocks that ran too often the second time, the most frequent one of each function. */
export function excessOf(
  before: Coverage,
  after: Coverage,
  limit: number,
  floor: number,
): readonly Excess[] {
  const known = new Map(before.map((script) => [script.scriptId, script]));
  return after.flatMap(({ scriptId, url, functions }) =>
    functions.flatMap(({ functionName, ranges }): readonly Excess[] => {
      const [worst] = ranges
        .filter(({ count }) => count > limit * floor)
        .map((range) => ({ range, before: countAt(known.get(scriptId), range) }))
        .filter((one) => one.range.count > limit * one.before)
        .toSorted((a, b) => b.range.count - a.range.count);
      if (worst === undefined) return [];
      const place = `${url.replace(/^.*\/(?=src\/|node_modules\/)/, '')}: ${functionName}`;
      return [{ place, before: worst.before, after: worst.range.count }];
    }),
  );
}

/** How often the smallest block around this one ran: V8 joins blocks that ran equally often. */
function countAt(
  script: Profiler.ScriptCoverage | undefined,
  { startOffset, endOffset }: Profiler.CoverageRange,
): number {
  let smallest: Profiler.CoverageRange | undefined;
  for (const { ranges } of script?.functions ?? [])
    for (const range of ranges)
      if (range.startOffset <= startOffset && range.endOffset >= endOffset)
        if (
          smallest === undefined ||
          range.endOffset - range.startOffset <= smallest.endOffset - smallest.startOffset
        )
          smallest = range;
  return smallest?.count ?? 0;
}
