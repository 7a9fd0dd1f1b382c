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
  return fraction(a.numerator * b.numerator, a.denominator * b.denominator);
}

/** One minus the fraction. */
export function complement({ numerator, denominator }: Fraction): Fraction {
  return { numerator: denominator - numerator, denominator };
}

/** Whether both are equal. */
export function sameFraction(a: Fraction, b: Fraction): boolean {
  return a.numerator === b.numerator && a.denominator === b.denominator;
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

function greatestCommon(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x === 0n ? 1n : x;
}
