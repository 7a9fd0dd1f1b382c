/** What is read of a listing of nft, object by object or as a whole. */

import { dumpLines, parseDump } from '../../../../src/backends/nftables/syntax/parse.js';
import { ParseError } from '../../../../src/errors.js';

/** What a text says, or why it cannot be read. */
export function outcome(text: string, late = false): unknown {
  try {
    const { unreadable, version, unknownKeys, unreadKeys, ...dump } = parseDump(text, { late });
    return {
      lines: dumpLines({ ...dump, unreadable }),
      unreadable,
      version,
      unknownKeys,
      unreadKeys,
    };
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    return error.message.replace(/broken or cut off: .*/s, 'broken');
  }
}

/** The same, where the text is parsed as a whole: it is not the only listing. */
export function wholeOutcome(text: string): unknown {
  return outcome(`${text}\n{"nftables": []}\n`);
}
