/** Makes untrusted text safe for a terminal. */

/**
 * The text with control and format characters as `\u001b`: names come from untrusted input, and a
 * terminal must not obey them. Line feeds too, so a text of several lines is given line by line.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (c) => {
    return `\\u${(c.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
  });
}
