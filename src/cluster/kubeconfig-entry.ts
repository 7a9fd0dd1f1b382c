/** One entry of a kubeconfig file, and how its fields are read. */

import { readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { ClusterError } from '../errors.js';
import { isObject, oneLine, quote } from '../input/value.js';

/** One named entry of a kubeconfig file. Paths in it are relative to the folder of its file. */
export class Entry {
  /** `/etc/kube/config: users "admin"`, for messages. */
  readonly place: string;
  readonly name: string;
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #folder: string;

  constructor(place: string, name: string, fields: unknown, folder: string) {
    this.place = place;
    this.name = name;
    if (fields !== null && fields !== undefined && !isObject(fields))
      throw new ClusterError(`${place}: must hold fields, is ${quote(fields)}`);
    this.#fields = isObject(fields) ? fields : {};
    this.#folder = folder;
  }

  /** The folder that paths in it are relative to. */
  get folder(): string {
    return this.#folder;
  }

  /** Whether a field has a value; empty text is none. */
  has(field: string): boolean {
    return ![undefined, null, ''].some((nothing) => this.#fields[field] === nothing);
  }

  /** A copy with other values of these fields. */
  with(fields: Readonly<Record<string, unknown>>): Entry {
    return new Entry(this.place, this.name, { ...this.#fields, ...fields }, this.#folder);
  }

  /** The value of a field as it was read. */
  value(field: string): unknown {
    return this.#fields[field];
  }

  /** A text, or `undefined` where there is none. */
  text(field: string): string | undefined {
    if (!this.has(field)) return undefined;
    const value = this.#fields[field];
    if (typeof value === 'string') return value;
    throw new ClusterError(`${this.place}: ${field}: must be text, is ${quote(value)}`);
  }

  /** A text that must be there. */
  required(field: string): string {
    const text = this.text(field);
    if (text === undefined) throw new ClusterError(`${this.place}: ${field} is missing`);
    return text;
  }

  flag(field: string): boolean {
    if (!this.has(field)) return false;
    const value = this.#fields[field];
    if (typeof value === 'boolean') return value;
    throw new ClusterError(`${this.place}: ${field}: must be true or false, is ${quote(value)}`);
  }

  /** The fields of a field, as they are. */
  fields(field: string): Readonly<Record<string, unknown>> | undefined {
    if (!this.has(field)) return undefined;
    const value = this.#fields[field];
    if (isObject(value)) return value;
    throw new ClusterError(`${this.place}: ${field}: must hold fields, is ${quote(value)}`);
  }

  /** Where a path of this file leads. */
  path(path: string): string {
    return isAbsolute(path) ? path : join(this.#folder, path);
  }

  /** The bytes of `FIELD-data`, which is base64, or else of the file that FIELD names, read now. */
  async bytes(field: string): Promise<Buffer | undefined> {
    const data = this.text(`${field}-data`);
    if (data !== undefined) {
      if (/^[A-Za-z0-9+/\s]+={0,2}\s*$/.test(data)) return Buffer.from(data, 'base64');
      throw new ClusterError(`${this.place}: ${field}-data: is no base64`);
    }
    return await this.file(field);
  }

  /** The bytes of the file that a field names, read now. */
  async file(field: string): Promise<Buffer | undefined> {
    const path = this.text(field);
    if (path === undefined) return undefined;
    try {
      return await readFile(this.path(path));
    } catch (error) {
      throw new ClusterError(`${this.place}: ${field}: ${reasonOf(error)}`, {}, { cause: error });
    }
  }
}

/** What an error of the system says, on one line. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? oneLine(error.message) : String(error);
}
