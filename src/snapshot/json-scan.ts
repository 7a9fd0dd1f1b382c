/** A scanner over JSON text that never builds a value: where one ends, and where the text breaks. */

/**
 * The offset behind the value that starts here, by brackets and quotes alone, or undefined where
 * they do not close. What is between them is not checked.
 */
export function jsonValueEnd(text: string, start: number): number | undefined {
  const token = /["{}[\],:]|[^\s"{}[\],:]+/g;
  token.lastIndex = start;
  let depth = 0;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const first = match[0][0];
    if (first === '"') {
      const end = stringEnd(text, match.index);
      if (end === undefined) return undefined;
      token.lastIndex = end;
    } else if (first === '{' || first === '[') depth++;
    else if (first === '}' || first === ']') depth--;
    if (depth <= 0) return token.lastIndex;
  }
  return undefined;
}

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

/** Where a JSON value breaks the grammar, and how. */
export interface JsonFault {
  readonly offset: number;
  readonly reason: string;
}

const SCALAR = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null)(?![\w.+-])/y;
/** Escapes that are sound, and then what must not stand in a string: other escapes, control characters. */
const STRING_PARTS = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})|\\|[^ -\uffff]/g;

/** The first fault in the value that starts here, or undefined if it is sound. */
export function jsonFault(text: string, start: number): JsonFault | undefined {
  const open: ('{' | '[')[] = [];
  let expect: Expectation = 'value';
  let at = start;
  for (;;) {
    at = skipBlanks(text, at);
    const char = text[at];
    const inObject = open.at(-1) === '{';
    if (expect === 'end') return undefined;
    if (char === undefined)
      return { offset: text.length, reason: 'the text ends in the middle of a value' };
    const closes = closing(expect, char, inObject);
    if (closes) {
      open.pop();
      at++;
      expect = open.length === 0 ? 'end' : 'comma';
    } else if (expect === 'comma') {
      if (char !== ',') return fault(text, at, inObject ? "',' or '}'" : "',' or ']'");
      at++;
      expect = inObject ? 'key' : 'value';
    } else if (expect === 'key' || expect === 'first-key') {
      if (char !== '"') return fault(text, at, 'a name in double quotes');
      const end = checkString(text, at);
      if (typeof end !== 'number') return end;
      at = skipBlanks(text, end);
      if (text[at] !== ':') return fault(text, at, "':'");
      at++;
      expect = 'value';
    } else if (char === '{' || char === '[') {
      open.push(char);
      at++;
      expect = char === '{' ? 'first-key' : 'first-value';
    } else {
      const end = char === '"' ? checkString(text, at) : checkScalar(text, at);
      if (typeof end !== 'number') return end;
      at = end;
      expect = open.length === 0 ? 'end' : 'comma';
    }
  }
}

type Expectation = 'value' | 'first-value' | 'key' | 'first-key' | 'comma' | 'end';

function closing(expect: Expectation, char: string, inObject: boolean): boolean {
  if (expect === 'first-key' || (expect === 'comma' && inObject)) return char === '}';
  return (expect === 'first-value' || (expect === 'comma' && !inObject)) && char === ']';
}

/** The offset behind a string, or its fault. */
function checkString(text: string, at: number): number | JsonFault {
  const end = stringEnd(text, at);
  if (end === undefined) return { offset: at, reason: 'this string never ends' };
  for (const part of text.slice(at + 1, end - 1).matchAll(STRING_PARTS)) {
    if (part[0].length > 1) continue;
    const reason = part[0] === '\\' ? 'unknown escape' : 'control character';
    return { offset: at + 1 + part.index, reason: `${reason} in a string` };
  }
  return end;
}

/** The offset behind a number or a word, or its fault. */
function checkScalar(text: string, at: number): number | JsonFault {
  SCALAR.lastIndex = at;
  return SCALAR.test(text) ? SCALAR.lastIndex : fault(text, at, 'a value');
}

/** The offset of the next character that is no blank. */
export function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && ' \t\r\n'.includes(text.charAt(at))) at++;
  return at;
}

function fault(text: string, offset: number, expected: string): JsonFault {
  const found = text[offset] === undefined ? 'the end of the text' : JSON.stringify(text[offset]);
  return { offset, reason: `expected ${expected}, found ${found}` };
}
