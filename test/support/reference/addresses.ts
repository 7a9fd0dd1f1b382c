/** Addresses as numbers, for the reference machine. */

/** Both ends included. */
export interface Range {
  readonly first: bigint;
  readonly last: bigint;
}

/** `10.0.0.0/8`, `fd00::1`, `10.0.0.1-10.0.0.9`, `10.0.0.0/255.0.0.0`. */
export function rangeOf(text: string): Range {
  const [from = '', to] = text.split('-');
  if (to !== undefined) return { first: numberOf(from), last: numberOf(to) };
  const [ip = '', length] = text.split('/');
  const width = ip.includes(':') ? 128 : 32;
  const bits = length === undefined ? width : bitsOf(length);
  const size = 1n << BigInt(width - bits);
  const first = (numberOf(ip) / size) * size;
  return { first, last: first + size - 1n };
}

function bitsOf(length: string): number {
  return /^\d+$/.test(length)
    ? Number(length)
    : numberOf(length).toString(2).replaceAll('0', '').length;
}

/** The number of an address. */
export function numberOf(ip: string): bigint {
  if (!ip.includes(':')) return joined(ip.split('.').map(Number), 8n);
  const [head = '', tail] = ip.split('::');
  const left = groupsOf(head);
  const right = groupsOf(tail ?? '');
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  return joined([...left, ...Array<number>(zeros).fill(0), ...right], 16n);
}

function groupsOf(text: string): readonly number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}

function joined(parts: readonly number[], bits: bigint): bigint {
  return parts.reduce((sum, part) => (sum << bits) | BigInt(part), 0n);
}

export function isWithin(ip: bigint, { first, last }: Range): boolean {
  return first <= ip && ip <= last;
}
