/** A line of nft as words: a tokeniser for the grammar of statements. */

/**
 * A string, a bracket, a comma or a semicolon, or anything up to the next of them. Strings of nft
 * have no escapes.
 */
const WORD = /"[^"]*"|[{},;"]|[^\s{},;"]+/g;

/**
 * The words of a line or of a piece of JSON, handed out one by one. Behind the last one all words
 * are `''`.
 */
export class Words {
  private readonly words: readonly string[];
  /** The text behind the word with this number. */
  private readonly textFrom: (index: number) => string;
  private at = 0;

  constructor(words: readonly string[], textFrom: (index: number) => string = () => '') {
    this.words = words;
    this.textFrom = textFrom;
  }

  /** The words of one line, up to a comment that begins with `#`. */
  static ofLine(line: string): Words {
    const words: string[] = [];
    const starts: number[] = [];
    let end = line.length;
    for (const match of line.matchAll(WORD)) {
      if (match[0].startsWith('#')) {
        end = match.index;
        break;
      }
      words.push(match[0]);
      starts.push(match.index);
    }
    return new Words(words, (index) => line.slice(starts[index] ?? end, end).trimEnd());
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

  /** Whether the word is among the remaining ones. */
  has(word: string): boolean {
    return this.words.includes(word, this.at);
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
    // A list that goes on otherwise gets an empty member, which nothing accepts.
    if (!this.take('}')) members.push('');
    return members;
  }

  /**
   * The items of `{ a ; b ; }` or of `{ a, b }`, each as its words; none where no block is next. A
   * block that is not closed is not taken, so its words are left over.
   */
  takeBlock(separator: ';' | ','): readonly (readonly string[])[] {
    const end = this.words.indexOf('}', this.at);
    if (this.peek() !== '{' || end < 0) return [];
    const items: string[][] = [[]];
    for (const word of this.words.slice(this.at + 1, end)) {
      if (word === separator) items.push([]);
      else items.at(-1)?.push(word);
    }
    this.at = end + 1;
    return items.filter((item) => item.length > 0);
  }

  /**
   * Takes `json { … }`, which is how a statement without words of its own is kept, and returns its
   * text; `undefined` where that is not next.
   */
  takeJson(): string | undefined {
    const from = this.at;
    if (!this.take('json')) return undefined;
    let depth = 0;
    do {
      const word = this.next();
      if (word === '{') depth++;
      else if (word === '}') depth--;
    } while (depth > 0 && !this.done);
    if (depth === 0 && this.at > from + 2) {
      const text = this.textFrom(from);
      return this.done ? text : text.slice(0, -this.textFrom(this.at).length).trimEnd();
    }
    this.at = from;
    return undefined;
  }

  /** Takes all words from a position on: their text as it stands. */
  takeRest(from: number): string {
    this.at = this.words.length;
    return this.textFrom(from);
  }
}

/** The words of `a,b`, or one word. */
export function readList(words: Words): readonly string[] {
  const found = [words.next()];
  while (words.take(',')) found.push(words.next());
  return found;
}
