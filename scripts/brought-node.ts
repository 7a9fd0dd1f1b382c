/** The Node.js that a package brings: the one that runs a script, or for another processor. */

import { readFileSync } from 'node:fs';

/** A program for Linux that needs no library of Node.js. */
export interface BroughtNode {
  readonly path: string;
  readonly content: Buffer;
  /** As Node.js names processors: `x64`, `arm64`. */
  readonly processor: string;
  /** `v20.20.2`. */
  readonly version: string;
}

/** Where it gets its headers from: the address names its release. */
const RELEASE = 'nodejs.org/download/release/';
/** Processors by their number in the header of a program. */
const PROCESSORS: Readonly<Record<number, string>> = { 62: 'x64', 183: 'arm64' };

/** Reads it. Throws where it cannot be brought. */
export function broughtNode(path: string = process.execPath): BroughtNode {
  const content = readFileSync(path);
  if (content.includes('libnode.so'))
    throw new Error(`${path} needs libnode: use a Node.js of nodejs.org`);
  const isProgram = content.subarray(0, 6).equals(Buffer.from('\x7fELF\x02\x01', 'latin1'));
  const processor = isProgram ? PROCESSORS[content.readUInt16LE(18)] : undefined;
  const at = content.indexOf(RELEASE) + RELEASE.length;
  const [version] = /^v\d+\.\d+\.\d+/.exec(content.toString('latin1', at, at + 20)) ?? [];
  if (processor === undefined || version === undefined)
    throw new Error(`${path} is no Node.js of nodejs.org for Linux on x64 or arm64`);
  return { path, content, processor, version };
}
