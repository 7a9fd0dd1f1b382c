/** Where values of JSON text end, by brackets and quotes alone. */

/**
 * The offset behind the value that starts here, by brackets and quotes alone, or undefined where
 * they do not close. What is between them is not checked.
 */
export function jsonValueEnd(text: string, start: number): number | undefined {
  const token = /["{}[\],:]|[^\s"{}[\],:]+/g;
  token.lastIndex = start;
  const first = token.exec(text);
  if (first === null) return undefined;
  const char = first[0];
  if (char === '"') return stringEnd(text, first.index);
  return char === '{' || char === '[' ? bracketEnd(text, first.index) : token.lastIndex;
}

/** The offset behind the bracket that closes the one here. Tokens would take six times as long. */
function bracketEnd(text: string, start: number): number | undefined {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = stringEnd(text, at);
      if (end === undefined) return undefined;
      at = end - 1;
      // In ASCII braces and brackets differ in one bit.
    } else if ((code | BRACE_BIT) === OPEN_BRACE) depth++;
    else if ((code | BRACE_BIT) === CLOSE_BRACE) depth--;
    if (depth === 0) return at + 1;
  }
  return undefined;
}

const QUOTE = 0x22;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const BRACE_BIT = 0x20;

/** The offset behind the closing quote of the string that starts here. */
export function stringEnd(text: string, start: number): number | undefined {
  let quote = text.indexOf('"', start + 1);
  while (quote >= 0) {
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === '\\') backslashes++;
    if (backslashes % 2 === 0) return quote + 1;
    quote = text.indexOf('"', quote + 1);
  }
  return undefined;
}
