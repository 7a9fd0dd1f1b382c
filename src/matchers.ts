/**
 * `vipc/matchers`: a matcher for vitest and jest that compares text with golden files. It is a
 * plain value that both take in `expect.extend`, so that this needs neither of them.
 */

import { compareGolden } from './golden-file.js';

export { unusedGoldens } from './golden-file.js';

declare global {
  // Both vitest and @types/jest take the matchers of this interface for their own.
  namespace jest {
    // biome-ignore lint/complexity/noBannedTypes: every declaration has the same type parameters
    interface Matchers<R, T = {}> extends GoldenMatchers<R> {}
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

/** What a matcher returns: whether it holds, and what is said where that is not as wanted. */
export interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
  readonly actual?: string;
  readonly expected?: string;
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
