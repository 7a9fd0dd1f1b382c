/** Which endpoint each connection to a node port on loopback gets. */

import { expect } from 'chai';
import { EndpointChoice } from '../../../src/agent/loopback/endpoint-choice.js';
import { FakeClock } from '../../support/fake-clock.js';
import { portTo } from './ports.js';

describe('agent/loopback/endpoint-choice', () => {
  /** A clock whose chance a test decides. */
  class Dice extends FakeClock {
    value = 0;

    override random(): number {
      return this.value;
    }
  }

  let clock: Dice;
  let choice: EndpointChoice;
  beforeEach(() => {
    clock = new Dice();
    choice = new EndpointChoice(clock);
  });

  /** The port of the endpoint that a connection gets where chance says so. */
  function next(targets: readonly number[], affinitySeconds: number, chance = 0): number {
    clock.value = chance;
    const port = portTo(targets, { affinitySeconds });
    return choice.next(port)?.port ?? 0;
  }

  it('lets chance decide, and reaches every endpoint', () => {
    expect([0, 0.4, 0.999].map((chance) => next([1, 2, 3], 0, chance))).to.deep.equal([1, 2, 3]);
  });

  it('keeps the endpoint for the time of session affinity after the last connection', () => {
    expect(next([1, 2], 10, 0.9)).to.equal(2);
    clock.pass(10);
    expect(next([1, 2], 10)).to.equal(2);
    clock.pass(10);
    expect(next([1, 2], 10)).to.equal(2);
    clock.pass(11);
    expect(next([1, 2], 10)).to.equal(1);
  });

  it('takes another endpoint where the kept one is gone', () => {
    expect(next([1, 2], 10, 0.9)).to.equal(2);
    expect(next([1, 3], 10, 0.9)).to.equal(3);
    expect(next([1, 2, 3], 10)).to.equal(3);
  });

  it('starts again with another timeout, and without affinity', () => {
    expect(next([1, 2], 10, 0.9)).to.equal(2);
    expect(next([1, 2], 20)).to.equal(1);
    expect(next([1, 2], 0, 0.9)).to.equal(2);
    expect(next([1, 2], 20)).to.equal(1);
  });
});
