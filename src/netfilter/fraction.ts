/** Exact fractions: the share of a Service's traffic that an endpoint gets. */

/** In lowest terms. */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** Nothing. */
export const NONE: Fraction = { numerator: 0n, denominator: 1n };
/** Everything. */
export const ALL: Fraction = { numerator: 1n, denominator: 1n };

/** `numerator / denominator` in lowest terms. */
export function fraction(numerator: bigint, denominator: bigint): Fraction {
  const divisor = greatestCommon(numerator, denominator);
  return { numerator: numerator / divisor, denominator: denominator / divisor };
}

/** The sum. */
export function plus(a: Fraction, b: Fraction): Fraction {
  if (a.numerator === 0n) return b;
  if (b.numerator === 0n) return a;
  return fraction(
    a.numerator * b.denominator + b.numerator * a.denominator,
    a.denominator * b.denominator,
  );
}

/** The product. */
export function times(a: Fraction, b: Fraction): Fraction {
  if (a === ALL || b.numerator === 0n) return b;
  if (b === ALL || a.numerator === 0n) return a;
  const known = PRODUCTS.get(a)?.get(b);
  if (known !== undefined) return known;
  const product = fraction(a.numerator * b.numerator, a.denominator * b.denominator);
  const products = PRODUCTS.get(a) ?? new WeakMap<Fraction, Fraction>();
  PRODUCTS.set(a, products.set(b, product));
  return product;
}

/** One minus the fraction. */
export function complement(one: Fraction): Fraction {
  const known = COMPLEMENTS.get(one);
  if (known !== undefined) return known;
  const { numerator, denominator } = one;
  const rest = { numerator: denominator - numerator, denominator };
  COMPLEMENTS.set(one, rest);
  return rest;
}

/** Rules of many Services share traffic in the same way: what was computed once is kept. */
const PRODUCTS = new WeakMap<Fraction, WeakMap<Fraction, Fraction>>();
const COMPLEMENTS = new WeakMap<Fraction, Fraction>();

/** Whether both are equal. */
export function sameFraction(a: Fraction, b: Fraction): boolean {
  return a === b || (a.numerator === b.numerator && a.denominator === b.denominator);
}

/** Below zero where the first is less, above where it is more. */
export function compareFractions(a: Fraction, b: Fraction): number {
  const [left, right] = [a.numerator * b.denominator, b.numerator * a.denominator];
  return left === right ? 0 : left < right ? -1 : 1;
}

/** `1/3`, `0`, `1`; beyond 18 digits a decimal number, which is shorter and as good. */
export function fractionText(value: Fraction): string {
  const { numerator, denominator } = value;
  if (denominator === 1n) return `${numerator}`;
  return denominator < 10n ** 18n ? `${numerator}/${denominator}` : `${toNumber(value)}`;
}

/** `33.3%`, `0%`, `100%`: three digits. */
export function percentText(value: Fraction): string {
  const { numerator, denominator } = value;
  if (numerator === 0n) return '0%';
  if (numerator === denominator) return '100%';
  return `${(toNumber(value) * 100).toPrecision(3)}%`;
}

/** The nearest number, to 18 digits behind the point. */
export function toNumber({ numerator, denominator }: Fraction): number {
  return Number((numerator * 10n ** 18n) / denominator) / 1e18;
}

const MOST_EXACT = BigInt(Number.MAX_SAFE_INTEGER);

function greatestCommonNumber(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return x === 0 ? 1 : x;
}

function greatestCommon(a: bigint, b: bigint): bigint {
  // Much faster, and exact below 2^53.
  if (a <= MOST_EXACT && b <= MOST_EXACT) return BigInt(greatestCommonNumber(Number(a), Number(b)));
  let [x, y] = [a, b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x === 0n ? 1n : x;
}
