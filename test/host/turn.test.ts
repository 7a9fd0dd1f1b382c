/** Long work lets the event loop turn. */

import { expect } from 'chai';
import { inTurns } from '../../src/host/turn.js';
import { finish, type Steps } from '../../src/steps.js';

describe('host/turn', () => {
  function* counting(count: number, seen: () => void): Steps<number> {
    for (let i = 0; i < count; i++) {
      seen();
      yield;
    }
    return count;
  }

  it('gives the result of the steps, and turns between those that have taken their time', async () => {
    let turns = 0;
    const immediate = (): void => {
      turns++;
      next = setImmediate(immediate);
    };
    let next = setImmediate(immediate);
    const turnsSeen = new Set<number>();
    const see = (): void => void turnsSeen.add(turns);
    expect(await inTurns(counting(50, see), 0)).to.equal(50);
    expect(turnsSeen.size).to.equal(50);
    turnsSeen.clear();
    expect(await inTurns(counting(50, see), 3_600_000)).to.equal(50);
    expect(turnsSeen.size).to.equal(1);
    clearImmediate(next);
    expect(finish(counting(50, see))).to.equal(50);
  });

  it('passes on what a step throws', async () => {
    const failing = counting(2, () => {
      throw new Error('no');
    });
    expect(await inTurns(failing).catch((error: Error) => error.message)).to.equal('no');
  });
});
