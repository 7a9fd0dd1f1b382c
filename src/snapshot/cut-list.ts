/** A List as text, cut at its items: what each of them is, without reading it. */

import type { StoredBytes } from '../input/stored-source.js';
import type { NamespacedName } from './types.js';

/** What may be read of the metadata of an object; `undefined`: it is not there. */
export interface FoundNames {
  name?: string;
  namespace?: string;
  /** The Service that the label of a slice names. */
  service?: string;
  /** Of the label `k8s-app`. */
  app?: string;
}

const PLAIN = /^[A-Za-z0-9][-.A-Za-z0-9]*$/;

/** One object of a List. */
export class ListedItem {
  /** Where it starts, and ends without what separates it from the next one. */
  readonly start: number;
  readonly end: number;
  /** `''` where it is not found. */
  readonly kind: string;
  private readonly names: FoundNames;

  constructor(start: number, end: number, kind: string, names: FoundNames) {
    this.start = start;
    this.end = end;
    this.kind = kind;
    this.names = names;
  }

  /** `''`: it is not found, or no plain text. */
  get name(): string {
    const { name = '' } = this.names;
    return this.namespace !== '' && PLAIN.test(name) ? name : '';
  }

  get namespace(): string {
    const { namespace = 'default' } = this.names;
    return PLAIN.test(namespace) ? namespace : '';
  }

  get app(): string {
    return this.names.app ?? '';
  }

  /** Whether the object has this name, or an unknown one. */
  isNamed(key: NamespacedName): boolean {
    return this.name === '' || key === `${this.namespace}/${this.name}`;
  }

  /** Whether its label names this Service, or is unknown. */
  isOf(service: NamespacedName): boolean {
    return this.name === '' || service === `${this.namespace}/${this.names.service ?? ''}`;
  }

  /** The same object of another kind. */
  ofKind(kind: string): ListedItem {
    return new ListedItem(this.start, this.end, kind, this.names);
  }
}

/** A List, cut at its items. */
export interface CutList {
  readonly items: readonly ListedItem[];
  /** Where what stands before the items ends. */
  readonly headEnd: number;
  /** Where what stands behind the items begins. */
  readonly tailStart: number;
  /** What stands behind each item but the last. */
  readonly separator: string;
}

const SMALLEST_WINDOW = 1 << 18;
/**
 * Longer than any object: an API server takes 1.5 MB, which indentation makes three times as long.
 */
const LARGEST_WINDOW = 1 << 24;

/** A part of a file, moved over it from its start to its end. */
export class Window {
  bytes: Buffer;
  /** Offset of the first byte in the file. */
  start = 0;
  private readonly file: StoredBytes;
  private size = SMALLEST_WINDOW;

  constructor(file: StoredBytes) {
    this.file = file;
    this.bytes = file.piece(0, this.size);
  }

  /**
   * Moves on, so that it starts at an offset of its own and shows more than before. `false`: it
   * shows all that there is, or what is asked for is too long.
   */
  moveTo(offset: number): boolean {
    if (this.start + this.bytes.length >= this.file.length) return false;
    if (offset === 0) this.size *= 2;
    if (this.size > LARGEST_WINDOW) return false;
    this.start += offset;
    this.bytes = this.file.piece(this.start, Math.min(this.start + this.size, this.file.length));
    return true;
  }
}
