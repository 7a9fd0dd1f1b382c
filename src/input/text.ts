/** Decodes the bytes of input files. */

import { InputError } from '../errors.js';

const NAMES: Readonly<Record<Encoding, string>> = {
  'utf-8': 'UTF-8',
  'utf-16le': 'UTF-16',
  'utf-16be': 'UTF-16',
};

type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be';

/**
 * The text of a file. UTF-16, as `>` of PowerShell writes it, is recognised by its byte order mark
 * or by the zero byte beside the first character (YAML 1.2, 5.2); everything else must be UTF-8. A
 * mark at the beginning is cut. Throws InputError for bytes that are neither, with the first bad
 * line: a replaced character in a name would be another name; and for a compressed file.
 */
export function decodeText(bytes: Uint8Array, name: string): string {
  refusePacked(bytes, name);
  if (isUtf32(bytes)) throw new InputError(`${name} is UTF-32`, { hint: SAVE });
  const encoding = encodingOf16(bytes) ?? 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (cause) {
    const isTooLong =
      cause instanceof Error && 'code' in cause && cause.code === 'ERR_STRING_TOO_LONG';
    if (isTooLong) throw cause;
    const place = encoding === 'utf-8' ? ` in line ${badLine(bytes)}` : '';
    throw new InputError(`${name} is not ${NAMES[encoding]}${place}`, {
      cause,
      hint: SAVE,
    });
  }
}

/** How a tool's dump is decoded: iptables passes on any bytes in comments. */
export type DumpEncoding = 'latin1' | 'utf8';

/**
 * The text of a tool's dump. A byte order mark, or a zero byte beside the first character, says
 * UTF-16 or UTF-8, as editors and `>` of PowerShell write it; then `encodingOf` is not called.
 * Carriage returns alone end lines where nothing else does.
 */
export function decodeDump(
  bytes: Buffer,
  name: string,
  encodingOf: (head: string) => DumpEncoding,
): string {
  refusePacked(bytes, name);
  const text = isMarked(bytes)
    ? decodeText(bytes, name)
    : bytes.toString(encodingOf(bytes.subarray(0, 4096).toString('latin1')));
  return text.includes('\n') ? text : text.replaceAll('\r', '\n');
}

/**
 * Whether each byte of a dump is a character of its text, by its first bytes. Throws InputError as
 * {@link decodeDump} does.
 */
export function isPlainDump(
  bytes: Buffer,
  name: string,
  encodingOf: (head: string) => DumpEncoding,
): boolean {
  refusePacked(bytes, name);
  if (isMarked(bytes) || !bytes.includes('\n')) return false;
  return encodingOf(bytes.subarray(0, 4096).toString('latin1')) === 'latin1';
}

/** Whether its first bytes say how a text is encoded. */
function isMarked(bytes: Uint8Array): boolean {
  return isUtf32(bytes) || encodingOf16(bytes) !== undefined || hasUtf8Mark(bytes);
}

function hasUtf8Mark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}

const SAVE = 'save it as UTF-8';

/** How compressed files begin, in hex, and what unpacks them. */
const PACKED: readonly (readonly [beginning: string, name: string, command: string])[] = [
  ['1f8b08', 'gzip', 'gunzip'],
  ['425a68', 'bzip2', 'bunzip2'],
  ['fd377a585a00', 'xz', 'unxz'],
  ['28b52ffd', 'zstd', 'unzstd'],
  ['504b0304', 'zip', 'unzip'],
];

/** Throws InputError, with the next command, for bytes that have to be unpacked first. */
function refusePacked(bytes: Uint8Array, name: string): void {
  const beginning = Buffer.from(bytes.subarray(0, 6)).toString('hex');
  const [, format, command] = PACKED.find(([first]) => beginning.startsWith(first)) ?? [];
  if (command !== undefined)
    throw new InputError(`${name} is compressed with ${format}`, {
      hint: `unpack it first: ${command}`,
    });
}

/** Whether the first character, or a byte order mark, has four bytes. */
function isUtf32(bytes: Uint8Array): boolean {
  const first = Buffer.from(bytes.subarray(0, 4)).toString('hex');
  return /^(?:fffe0000|0000feff|(?!00)..000000|000000(?!00)..)$/.test(first);
}

function encodingOf16([first = 1, second = 1]: Uint8Array): Encoding | undefined {
  if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0)) return 'utf-16le';
  if ((first === 0xfe && second === 0xff) || (first === 0 && second !== 0)) return 'utf-16be';
  return undefined;
}

/**
 * The first line, from 1, that is no UTF-8. No character of UTF-8 contains the byte of a line feed.
 */
function badLine(bytes: Uint8Array): number {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const feed = bytes.indexOf(0x0a, start);
    const end = feed < 0 ? bytes.length : feed + 1;
    try {
      decoder.decode(bytes.subarray(start, end));
    } catch {
      return line;
    }
    start = end;
  }
  return line;
}
