/** The words that a flag or an argument can have, kept with its parser for completions. */

import type { Argument, Option } from 'commander';

/** The parser, with the words that completion offers. It may accept others too. */
export function withWords<Parser extends object>(
  words: readonly string[],
  parser: Parser,
): Parser & { readonly words: readonly string[] } {
  return Object.assign(parser, { words });
}

/** The words that {@link withWords} gave to the parser; none where any text will do. */
export function knownWords({ parseArg }: Option | Argument): readonly string[] {
  const words = parseArg !== undefined && 'words' in parseArg ? parseArg.words : [];
  return Array.isArray(words) ? words : [];
}
