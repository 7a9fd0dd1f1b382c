/** Exact parts of a whole: what an endpoint gets of its Service's traffic. */

/** In lowest terms. */
export interface Fraction {
  readonly over: bigint;
  readonly under: bigint;
}

/** Nothing. */
export const NONE: Fraction = { over: 0n, under: 1n };
/** Everything. */
export const ALL: Fraction = { over: 1n, under: 1n };

/** `over / under` in lowest terms. */
export function fraction(over: bigint, under: bigint): Fraction {
  const divisor = greatestCommon(over, under);
  return { over: over / divisor, under: under / divisor };
}

/** The sum. */
export function plus(a: Fraction, b: Fraction): Fraction {
  return fraction(a.over * b.under + b.over * a.under, a.under * b.under);
}

/** The product. */
export function times(a: Fraction, b: Fraction): Fraction {
  return fraction(a.over * b.over, a.under * b.under);
}

/** What is missing to everything. */
export function complement({ over, under }: Fraction): Fraction {
  return { over: under - over, under };
}

/** Whether both are the same part. */
export function sameFraction(a: Fraction, b: Fraction): boolean {
  return a.over === b.over && a.under === b.under;
}

/** `1/3`, `0`, `1`; beyond 18 digits a decimal number, which is shorter and as good. */
export function fractionText(value: Fraction): string {
  const { over, under } = value;
  if (under === 1n) return `${over}`;
  return under < 10n ** 18n ? `${over}/${under}` : `${toNumber(value)}`;
}

/** `33.3%`, `0%`, `100%`: three digits. */
export function percentText(value: Fraction): string {
  const { over, under } = value;
  if (over === 0n) return '0%';
  if (over === under) return '100%';
  return `${(toNumber(value) * 100).toPrecision(3)}%`;
}

function toNumber({ over, under }: Fraction): number {
  return Number((over * 10n ** 18n) / under) / 1e18;
}

function greatestCommon(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x === 0n ? 1n : x;
}
