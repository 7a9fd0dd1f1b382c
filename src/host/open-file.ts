/** A file that is read in pieces while it is open. */

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { InputError } from '../errors.js';
import type { StoredBytes } from '../input/stored-source.js';

/** So much is read at once, so that small pieces next to each other are one call. */
const AHEAD = 1 << 18;

/** Keeps nothing but the part that was read last. Throws what the system says. */
export class OpenFile implements StoredBytes {
  readonly length: number;
  private readonly path: string;
  private readonly descriptor: number;
  private readonly changed: number;
  /** The part that was read last, and its offset. */
  private part = Buffer.alloc(0);
  private offset = 0;
  private space = Buffer.alloc(0);

  constructor(path: string) {
    this.path = path;
    this.descriptor = openSync(path, 'r');
    const { size, mtimeMs } = fstatSync(this.descriptor);
    this.length = size;
    this.changed = mtimeMs;
  }

  piece(start: number, end: number): Buffer {
    const stop = Math.min(end, this.length);
    if (start < this.offset || stop > this.offset + this.part.length)
      this.load(start, Math.min(Math.max(stop, start + AHEAD), this.length));
    return this.part.subarray(start - this.offset, stop - this.offset);
  }

  whole(): Buffer {
    const bytes = Buffer.allocUnsafeSlow(this.length);
    this.fill(bytes, 0);
    closeSync(this.descriptor);
    return bytes;
  }

  private load(start: number, end: number): void {
    if (this.space.length < end - start)
      this.space = Buffer.allocUnsafeSlow(Math.max(end - start, AHEAD));
    this.part = this.space.subarray(0, end - start);
    this.offset = start;
    this.fill(this.part, start);
  }

  /** Throws InputError where the file is not the one that was opened any more. */
  private fill(bytes: Buffer, from: number): void {
    let at = 0;
    while (at < bytes.length) {
      const count = readSync(this.descriptor, bytes, at, bytes.length - at, from + at);
      if (count === 0) break;
      at += count;
    }
    const { size, mtimeMs } = fstatSync(this.descriptor);
    if (at < bytes.length || size !== this.length || mtimeMs !== this.changed)
      throw new InputError(`the path ${JSON.stringify(this.path)} changed while it was read`, {
        hint: 'run the command again',
      });
  }
}

/** A file, or what a pipe gave, as text of which each byte is a character. */
export class LatinFile {
  readonly length: number;
  private readonly file: StoredBytes;

  constructor(file: StoredBytes) {
    this.length = file.length;
    this.file = file;
  }

  slice(start: number, end: number): string {
    return this.file.piece(start, end).toString('latin1');
  }

  /** Where a short text stands from an offset on, or -1. */
  indexOf(searched: string, from: number): number {
    // Parts overlap, so that what stands at the end of one is found in the next.
    const step = AHEAD - searched.length;
    for (let start = from; start < this.length; start += step) {
      const at = this.file.piece(start, start + AHEAD).indexOf(searched, 0, 'latin1');
      if (at >= 0) return start + at;
    }
    return -1;
  }
}
