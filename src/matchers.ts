/**
 * `vipc/matchers`: matchers for vitest and jest. They compare text with golden files, and packets
 * with what should become of them. They are plain values that both take in `expect.extend`, so that
 * this needs neither of them.
 */

import type { Expectation, ExpectedEndpoints } from './behaviour/expectation.js';
import { failureOf } from './behaviour/failure.js';
import { tracedFrom } from './behaviour/traced-packet.js';
import { compareGolden } from './golden-file.js';

export { unusedGoldens } from './golden-file.js';

declare global {
  // Both vitest and @types/jest take the matchers of this interface for their own.
  namespace jest {
    // biome-ignore lint/complexity/noBannedTypes: every declaration has the same type parameters
    interface Matchers<R, T = {}> extends GoldenMatchers<R>, PacketMatchers<R> {}
  }
}

/** What the matchers add to `expect(text)`; `R` is what an assertion returns. */
export interface GoldenMatchers<R = unknown> {
  /**
   * Asserts that the text equals the file, byte for byte. With `UPDATE_GOLDEN=1` in the environment
   * it writes the file instead, and its folders; where `CI` is set that is an error. A relative
   * path starts at the working directory of the process.
   */
  toMatchGolden(path: string | URL): R;
}

/**
 * What the matchers add to `expect(trace(rules, { from, to }))`. With `not`, no packet may be so;
 * what is not known fails with and without it.
 */
export interface PacketMatchers<R = unknown> {
  /**
   * Asserts that the packet reaches one of these endpoints, `10.244.1.7:53`, and each of these
   * sometimes; given as an object, with these exact shares: `{'10.244.1.7:53': '1/2'}`. Without
   * any: that it always reaches an endpoint.
   */
  toReach(endpoints?: ExpectedEndpoints): R;
  /** Asserts that the packet is refused, where it is given with this: `port-unreachable`. */
  toBeRefused(answer?: string): R;
  /** Asserts that the packet is dropped. */
  toBeDropped(): R;
  /** Asserts that the packet goes on as it was. */
  toBeUntouched(): R;
  /**
   * Asserts that the packet gets through from an address of the machine; with endpoints, on its way
   * to these alone.
   */
  toMasquerade(endpoints?: readonly string[]): R;
}

/** What a matcher returns: whether it holds, and what is said where that is not as wanted. */
export interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
  readonly actual?: unknown;
  readonly expected?: unknown;
}

/** The matchers by their names: `expect.extend(goldenMatchers)`, in a setup file. */
export const goldenMatchers: {
  toMatchGolden(
    this: { readonly isNot?: boolean },
    received: unknown,
    path: string | URL,
  ): MatcherResult;
} = {
  toMatchGolden(received, path) {
    const negated = this.isNot === true;
    const failure = compareGolden(received, path, negated);
    if (failure === undefined) return { pass: true, message: () => 'the text equals the file' };
    return { pass: negated, message: () => failure.message, ...failure.texts };
  },
};

/** A matcher, as `expect.extend` takes it. */
type Matcher<Words extends readonly unknown[]> = (
  this: { readonly isNot?: boolean },
  received: unknown,
  ...words: Words
) => MatcherResult;

/** The matchers by their names: `expect.extend(packetMatchers)`, in a setup file. */
export const packetMatchers: {
  readonly toReach: Matcher<[endpoints?: ExpectedEndpoints]>;
  readonly toBeRefused: Matcher<[answer?: string]>;
  readonly toBeDropped: Matcher<[]>;
  readonly toBeUntouched: Matcher<[]>;
  readonly toMasquerade: Matcher<[endpoints?: readonly string[]]>;
} = {
  toReach(received, endpoints) {
    return resultOf(received, { kind: 'reach', endpoints }, this.isNot);
  },
  toBeRefused(received, answer) {
    return resultOf(received, { kind: 'refused', with: answer }, this.isNot);
  },
  toBeDropped(received) {
    return resultOf(received, { kind: 'dropped' }, this.isNot);
  },
  toBeUntouched(received) {
    return resultOf(received, { kind: 'untouched' }, this.isNot);
  },
  toMasquerade(received, endpoints) {
    return resultOf(received, { kind: 'masquerade', endpoints }, this.isNot);
  },
};

/** With `not`, a matcher that passes fails the test. */
function resultOf(received: unknown, expected: Expectation, negated = false): MatcherResult {
  const failure = failureOf(tracedFrom(received), expected, negated);
  if (failure === undefined) return { pass: !negated, message: () => 'it is as expected' };
  return { pass: negated, message: () => failure.message, ...failure.compared };
}
