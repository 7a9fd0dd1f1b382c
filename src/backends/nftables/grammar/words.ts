/** Cuts a line of nft into words and hands them out one by one. */

/** A string, a bracket, a comma or a semicolon, or anything up to the next of them. nft knows no escapes in strings. */
const WORD = /"[^"]*"|[{},;"]|[^\s{},;"]+/g;

/** The words of one line. At the end of the line all words are `''`. */
export class Words {
  private readonly words: readonly string[];
  private readonly starts: readonly number[];
  private readonly line: string;
  private at = 0;

  constructor(line: string) {
    this.line = line;
    const words: string[] = [];
    const starts: number[] = [];
    for (const match of line.matchAll(WORD)) {
      words.push(match[0]);
      starts.push(match.index);
    }
    this.words = words;
    this.starts = starts;
  }

  /** Where the next word is; for {@link reset}. */
  get position(): number {
    return this.at;
  }

  /** Goes back to a position. */
  reset(position: number): void {
    this.at = position;
  }

  get done(): boolean {
    return this.at >= this.words.length;
  }

  /** The next word, which stays the next one. */
  peek(): string {
    return this.words[this.at] ?? '';
  }

  /** The next word. */
  next(): string {
    return this.words[this.at++] ?? '';
  }

  /** Whether the next word is this one; then it is taken. */
  take(word: string): boolean {
    if (this.peek() !== word) return false;
    this.at++;
    return true;
  }

  /** Takes `!=`, or an `==` that nft may write. */
  takeNot(): boolean {
    if (this.take('==')) return false;
    return this.take('!=');
  }

  /** The name behind `@`, if a name is next. */
  takeName(): string | undefined {
    const word = this.peek();
    if (!/^@./.test(word)) return undefined;
    this.at++;
    return word.slice(1);
  }

  /** The members of `{ a, b }`, or the next word alone. */
  takeMembers(): readonly string[] {
    if (!this.take('{')) return [this.next()];
    const members = [this.next()];
    while (this.take(',')) members.push(this.next());
    // Anything else in there makes a word that nobody understands.
    if (!this.take('}')) members.push('');
    return members;
  }

  /** The text of all words from a position on, as it stands, up to another position. */
  text(from: number, to: number = this.words.length): string {
    return this.line.slice(this.starts[from] ?? this.line.length, this.starts[to]).trimEnd();
  }
}
