/**
 * Adds a note to a program of Linux (ELF, 64 bits, little-endian): text that the program finds in
 * its own memory. Node.js looks for its single executable application there.
 */

const HEADER = { programHeaders: 0x20, size: 0x36, count: 0x38 };
const PROGRAM_HEADER = 56;
const LOAD = 1;
const NOTE = 4;
const PHDR = 6;
const READABLE = 4;
/** The largest page of any Linux that Node.js runs on. */
const PAGE = 0x10000;

interface Segment {
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly address: number;
  readonly fileSize: number;
  readonly memorySize: number;
  readonly alignment: number;
}

/**
 * A copy of a program with a note more. The table of its segments moves to the end of the file,
 * together with the note, because there is no room for another entry where it was. Throws for
 * anything but a 64-bit little-endian ELF program with a segment of its own table.
 */
export function withNote(program: Buffer, name: string, content: Uint8Array): Buffer {
  if (program.readUInt32BE(0) !== 0x7f454c46 || program.readUInt16BE(4) !== 0x0201)
    throw new Error('not a 64-bit little-endian ELF program');
  const segments = segmentsOf(program);
  const loaded = segments.filter(({ type }) => type === LOAD);
  const base = Math.min(...loaded.map(({ address, offset }) => address - offset));
  const end = Math.max(...loaded.map(({ address, memorySize }) => address + memorySize));
  // Old kernels report the table of a program at `base` and its offset, wherever it is mapped.
  const offset = roundUp(Math.max(program.length, end - base), PAGE);
  const address = base + offset;

  const note = encodeNote(name, content);
  const tableSize = roundUp((segments.length + 2) * PROGRAM_HEADER, 4);
  const size = tableSize + note.length;
  const readable = { flags: READABLE, memorySize: size, fileSize: size };
  const table: readonly Segment[] = [
    ...segments.map((one) =>
      one.type === PHDR
        ? { ...one, offset, address, fileSize: tableSize, memorySize: tableSize }
        : one,
    ),
    { ...readable, type: LOAD, offset, address, alignment: PAGE },
    {
      ...readable,
      type: NOTE,
      offset: offset + tableSize,
      address: address + tableSize,
      fileSize: note.length,
      memorySize: note.length,
      alignment: 4,
    },
  ];
  const changed = Buffer.alloc(offset + size);
  program.copy(changed);
  changed.writeBigUInt64LE(BigInt(offset), HEADER.programHeaders);
  changed.writeUInt16LE(table.length, HEADER.count);
  table.forEach((one, index) => {
    writeSegment(changed, offset + index * PROGRAM_HEADER, one);
  });
  note.copy(changed, offset + tableSize);
  return changed;
}

function segmentsOf(program: Buffer): readonly Segment[] {
  if (program.readUInt16LE(HEADER.size) !== PROGRAM_HEADER) throw new Error('no ELF program');
  const start = Number(program.readBigUInt64LE(HEADER.programHeaders));
  return Array.from({ length: program.readUInt16LE(HEADER.count) }, (_, index) => {
    const at = start + index * PROGRAM_HEADER;
    const field = (place: number): number => Number(program.readBigUInt64LE(at + place));
    return {
      type: program.readUInt32LE(at),
      flags: program.readUInt32LE(at + 4),
      offset: field(8),
      address: field(16),
      fileSize: field(32),
      memorySize: field(40),
      alignment: field(48),
    };
  });
}

function writeSegment(program: Buffer, at: number, segment: Segment): void {
  const { type, flags, offset, address, fileSize, memorySize, alignment } = segment;
  program.writeUInt32LE(type, at);
  program.writeUInt32LE(flags, at + 4);
  [offset, address, address, fileSize, memorySize, alignment].forEach((value, index) => {
    program.writeBigUInt64LE(BigInt(value), at + 8 + index * 8);
  });
}

/** Sizes of name and content, a type, then both, each filled up to four bytes. */
function encodeNote(name: string, content: Uint8Array): Buffer {
  const label = Buffer.from(`${name}\0`);
  const start = 12 + roundUp(label.length, 4);
  const note = Buffer.alloc(start + roundUp(content.length, 4));
  note.writeUInt32LE(label.length, 0);
  note.writeUInt32LE(content.length, 4);
  label.copy(note, 12);
  note.set(content, start);
  return note;
}

function roundUp(size: number, unit: number): number {
  return Math.ceil(size / unit) * unit;
}
