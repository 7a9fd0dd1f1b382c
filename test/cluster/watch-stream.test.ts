/** Lines of a stream, whose chunks end anywhere. */

import { expect } from 'chai';
import * as fc from 'fast-check';
import { streamLines } from '../../src/cluster/watch-stream.js';
import { ClusterError } from '../../src/errors.js';

async function* chunked(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  let start = 0;
  for (const cut of [...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b)]) {
    yield bytes.subarray(start, cut);
    start = cut;
  }
  yield bytes.subarray(start);
}

async function collect(text: string, cuts: readonly number[], limit = 1_000): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of streamLines(chunked(Buffer.from(text), cuts), limit)) lines.push(line);
  return lines;
}

const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'no failure',
    (error: unknown) => error,
  );

describe('cluster/watch-stream: lines', () => {
  it('gives the same lines wherever the chunks end, also inside a character', async () => {
    const line = fc.array(fc.constantFrom('a', '{', 'ü', '漢', '🙂'), {
      minLength: 1,
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          line.map((parts) => parts.join('')),
          { maxLength: 6 },
        ),
        fc.array(fc.nat(200), { maxLength: 12 }),
        async (lines, cuts) => {
          const text = lines.map((one) => `${one}\n`).join('');
          expect(await collect(text, cuts)).to.deep.equal(lines);
        },
      ),
    );
  });

  it('leaves empty lines out', async () => {
    expect(await collect('\n\na\r\n \nb\n\n', [])).to.deep.equal(['a', 'b']);
  });

  it('refuses an end within a line, after the lines before it', async () => {
    const seen: string[] = [];
    const reading = (async () => {
      for await (const line of streamLines(chunked(Buffer.from('a\n{"type"'), []), 100))
        seen.push(line);
    })();
    const error = await failure(reading);
    expect(error).to.be.instanceOf(ClusterError).and.to.include({ reason: 'Cut' });
    expect(seen).to.deep.equal(['a']);
  });

  it('refuses a line that would fill the memory', async () => {
    const error = await failure(collect('x'.repeat(300), [100, 200], 150));
    expect(error).to.be.instanceOf(ClusterError).and.to.include({ reason: 'Malformed' });
  });
});
