/** Places in the lines of a dump where a pattern is found, outside of comments. */

/** Some text of a line. */
interface Site {
  readonly line: number;
  readonly at: number;
  readonly text: string;
}

const COMMENT = /(?:--comment|(?<!-)comment) (?:"[^"]*"|\S+)/g;

/** Everywhere that a pattern matches, in lines that begin so. */
export function sitesOf(lines: readonly string[], kind: RegExp, pattern: RegExp): readonly Site[] {
  return lines.flatMap((text, line) => {
    if (!kind.test(text)) return [];
    const plain = text.replaceAll(COMMENT, (comment) => ' '.repeat(comment.length));
    return [...plain.matchAll(pattern)].map((found) => ({ line, at: found.index, text: found[0] }));
  });
}

/** The lines with another text at a site. */
export function edited(lines: readonly string[], site: Site, text: string): readonly string[] {
  const before = lines[site.line] ?? '';
  const after = `${before.slice(0, site.at)}${text}${before.slice(site.at + site.text.length)}`;
  return lines.with(site.line, after.replaceAll(/ {2,}/g, ' ').trimEnd());
}
