/** `vipc/chai`: a plugin for chai that compares text with golden files. */

import type { use } from 'chai';
import { compareGolden } from './golden-file.js';

export { unusedGoldens } from './golden-file.js';

declare global {
  namespace Chai {
    interface Assertion {
      /**
       * Asserts that the text equals the file, byte for byte. With `UPDATE_GOLDEN=1` in the
       * environment it writes the file instead, and its folders; where `CI` is set that is an
       * error. A relative path starts at the working directory of the process.
       */
      matchGolden(path: string | URL): Assertion;
    }
  }
}

/**
 * A chai plugin, as the types of chai itself have it; the import also brings the namespace that is
 * augmented above.
 */
type ChaiPlugin = Parameters<typeof use>[0];

/** The chai plugin that adds `matchGolden`: `use(goldenFiles)` from chai, once per process. */
export const goldenFiles: ChaiPlugin = ({ Assertion, AssertionError }, utils) => {
  Assertion.addMethod('matchGolden', function matchGolden(path: string | URL) {
    const failure = compareGolden(
      utils.flag(this, 'object'),
      path,
      utils.flag(this, 'negate') === true,
    );
    if (failure === undefined) return;
    const { message, texts } = failure;
    const prefix: unknown = utils.flag(this, 'message');
    const facts = texts && { ...texts, showDiff: true, operator: 'strictEqual' };
    throw new AssertionError(
      typeof prefix === 'string' ? `${prefix}: ${message}` : message,
      facts ?? {},
      utils.flag(this, 'ssfi'),
    );
  });
};
