/**
 * Counts the work of V8's own functions on long lists, maps and texts: a search or a copy is one
 * call, but as long as what it goes through. Wraps them for good, so it belongs into a thread of
 * its own.
 */

type Method = (this: unknown, ...args: readonly unknown[]) => unknown;
/** What a call did, in elements or characters. */
type WorkOf = (self: unknown, args: readonly unknown[], result: unknown) => number;

const done = new Map<string, number>();
/** What is shorter is not counted: the program's own tables and names. */
let least = Number.POSITIVE_INFINITY;

function add(name: string, work: number): void {
  if (work >= least) done.set(name, (done.get(name) ?? 0) + work);
}

/** Starts to count from zero, only calls that go through at least so much. */
export function countFrom(length: number): void {
  done.clear();
  least = length;
}

/** The sum of each function since then. */
export function worked(): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  done.forEach((sum, name) => {
    sums.set(name, sum);
  });
  return sums;
}

function wrap(
  owner: object,
  where: string,
  names: readonly (string | symbol)[],
  work: WorkOf,
): void {
  for (const name of names) {
    const original = Reflect.get(owner, name) as Method;
    Object.defineProperty(owner, name, {
      configurable: true,
      writable: true,
      value: function counted(this: unknown, ...args: readonly unknown[]): unknown {
        const result = Reflect.apply(original, this, args);
        add(`${where}.${String(name)}`, work(this, args, result));
        return result;
      },
    });
  }
}

function sizeOf(value: unknown): number {
  if (typeof value === 'string' || Array.isArray(value)) return value.length;
  return value instanceof Map || value instanceof Set ? value.size : 0;
}

const whole: WorkOf = (self) => sizeOf(self);
const made: WorkOf = (_self, _args, result) => sizeOf(result);
/** A search ends where it finds something. */
const upToIndex: WorkOf = (self, [, from], result) => {
  const start = typeof from === 'number' ? from : 0;
  return (typeof result === 'number' && result >= 0 ? result : sizeOf(self)) - start;
};

/** Iterators that count what is taken from them. */
function wrapIterators(
  owner: object,
  where: string,
  names: readonly (string | symbol)[],
  shared: object,
): void {
  for (const name of names) {
    const original = Reflect.get(owner, name) as Method;
    Object.defineProperty(owner, name, {
      configurable: true,
      writable: true,
      value: function counted(this: unknown): unknown {
        const iterator = Reflect.apply(original, this, []) as Iterator<unknown>;
        if (sizeOf(this) < least) return iterator;
        let taken = 0;
        const next = (): IteratorResult<unknown> => {
          taken++;
          if (taken === least) add(where, taken);
          else if (taken > least) done.set(where, (done.get(where) ?? 0) + 1);
          return iterator.next();
        };
        return Object.assign(Object.create(shared), { next });
      },
    });
  }
}

/** Wraps the functions of this thread. Once. */
export function wrapBuiltins(): void {
  const shared: object = Object.getPrototypeOf(Object.getPrototypeOf([].values()));
  const list = Array.prototype;
  wrap(list, 'Array', ['concat', 'slice', 'flat', 'toSpliced', 'with', 'join'], made);
  wrap(list, 'Array', ['splice', 'unshift', 'fill', 'reverse', 'toReversed', 'sort'], whole);
  wrap(list, 'Array', ['map', 'filter', 'flatMap', 'forEach', 'reduce', 'toSorted'], whole);
  wrap(list, 'Array', ['indexOf'], upToIndex);
  wrap(list, 'Array', ['includes', 'lastIndexOf'], (self, _args, result) =>
    // How far a search went that found something is not known; it found it at once in most cases.
    result === false || result === -1 ? sizeOf(self) : 0,
  );
  wrap(Object, 'Object', ['keys', 'values', 'entries'], made);
  wrap(
    Object,
    'Object',
    ['fromEntries', 'assign'],
    (_self, _args, result) => Reflect.ownKeys(Object(result)).length,
  );
  wrap(JSON, 'JSON', ['parse'], (_self, [text]) => sizeOf(text));
  wrap(JSON, 'JSON', ['stringify'], made);
  const text = String.prototype;
  wrap(text, 'String', ['split', 'replace', 'replaceAll', 'match', 'trim', 'toLowerCase'], whole);
  wrap(text, 'String', ['indexOf'], upToIndex);
  wrap(text, 'String', ['includes', 'lastIndexOf', 'search'], (self, _args, result) =>
    result === false || result === -1 ? sizeOf(self) : 0,
  );
  wrapPatterns();
  wrapIterators(list, 'Array iterator', ['keys', 'values', 'entries', Symbol.iterator], shared);
  for (const owner of [Map.prototype, Set.prototype]) {
    wrapIterators(owner, 'Map iterator', ['keys', 'values', 'entries', Symbol.iterator], shared);
    wrap(owner, 'Map', ['forEach'], whole);
  }
}

/** A pattern goes on from where it stands to the end of what it found, or of the text. */
function wrapPatterns(): void {
  const { exec } = RegExp.prototype;
  RegExp.prototype.exec = function counted(this: RegExp, text: string): RegExpExecArray | null {
    const start = this.global || this.sticky ? this.lastIndex : 0;
    const found = Reflect.apply(exec, this, [text]) as RegExpExecArray | null;
    if (found !== null) add('RegExp.exec', found.index + found[0].length - start);
    else if (!this.sticky && !isAnchored(this)) add('RegExp.exec', String(text).length - start);
    return found;
  };
}

function isAnchored({ source, multiline }: RegExp): boolean {
  return source.startsWith('^') && !multiline;
}
