/** A rule that ended inside quotes so far, because its comment holds line feeds. */

/** More than any rule with line feeds can have: a comment holds 255 bytes. */
const LONGEST_RULE = 65536;

/** Its lines. */
export class OpenRule {
  private lines: string[] = [];
  /** With the line feeds; 0: no rule is open. */
  length = 0;

  /** Adds a line; `false`: no rule is as long. */
  add(line: string): boolean {
    this.lines.push(line);
    this.length += line.length + 1;
    return this.length <= LONGEST_RULE;
  }

  /** All lines, joined by line feeds; nothing is open after that. */
  take(): string {
    const rule = this.lines.join('\n');
    this.lines = [];
    this.length = 0;
    return rule;
  }
}
