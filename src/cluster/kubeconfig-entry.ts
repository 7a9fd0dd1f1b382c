/** One entry of a kubeconfig file, and how its fields are read. */

import { readFile, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { ClusterError } from '../errors.js';
import { isArray, isObject, oneLine, quote } from '../input/value.js';
import type { Pem } from './certificates.js';

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

  /** The names of its fields. */
  get names(): readonly string[] {
    return Object.keys(this.#fields);
  }

  /** Whether a field has a value; empty text is none. */
  has(field: string): boolean {
    return ![undefined, null, ''].some((nothing) => this.#fields[field] === nothing);
  }

  /** A copy with these fields replaced. */
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

  /** An entry of the fields of a field, to read those in the same way; empty where it has none. */
  within(field: string): Entry {
    return new Entry(`${this.place}: ${field}`, '', this.fields(field), this.#folder);
  }

  /** The texts of a list; none where it is absent. */
  texts(field: string): readonly string[] {
    const value = this.#fields[field] ?? [];
    if (isArray(value) && value.every((one) => typeof one === 'string')) return value;
    throw new ClusterError(`${this.place}: ${field}: must be a list of texts, is ${quote(value)}`);
  }

  /** Whether `FIELD-data`, or the file that FIELD names, is given. */
  hasBytes(field: string): boolean {
    return this.has(field) || this.has(`${field}-data`);
  }

  /** A path of this file, resolved. */
  path(path: string): string {
    return isAbsolute(path) ? path : join(this.#folder, path);
  }

  /**
   * The bytes of `FIELD-data`, which is base64, or else of the file that FIELD names; read with
   * each call.
   */
  async bytes(field: string): Promise<Buffer | undefined> {
    const data = this.text(`${field}-data`);
    if (data !== undefined) {
      if (/^[A-Za-z0-9+/\s]+={0,2}\s*$/.test(data)) return Buffer.from(data, 'base64');
      throw new ClusterError(`${this.place}: ${field}-data: is not base64`);
    }
    return await this.file(field);
  }

  /** What {@link bytes} reads, with the field and the file that it is from. */
  async pem(field: string): Promise<Pem | undefined> {
    const bytes = await this.bytes(field);
    if (bytes === undefined) return undefined;
    const file = this.has(`${field}-data`) ? undefined : this.text(field);
    const from = file === undefined ? `${field}-data` : `${field}: ${this.path(file)}`;
    return { bytes, place: `${this.place}: ${from}` };
  }

  /** The bytes of the file that a field names; read with each call. */
  async file(field: string): Promise<Buffer | undefined> {
    const path = this.text(field);
    if (path === undefined) return undefined;
    try {
      return await readSmallFile(this.path(path));
    } catch (error) {
      throw new ClusterError(
        `${this.place}: ${field}: ${errorReason(error)}`,
        {},
        { cause: error },
      );
    }
  }
}

/** Bytes of a kubeconfig, or of a file with a token or certificates. */
export const LARGEST_FILE: number = 16 * 1024 * 1024;

/** Refuses other than regular files, which may be endless or block. */
async function readSmallFile(path: string): Promise<Buffer> {
  const info = await stat(path);
  if (!info.isFile()) throw new Error(`${path} is not a regular file`);
  if (info.size > LARGEST_FILE) throw new Error(`${path} is larger than 16 MB`);
  return await readFile(path);
}

/** The message of a system error, on one line. */
export function errorReason(error: unknown): string {
  return error instanceof Error ? oneLine(error.message) : String(error);
}
