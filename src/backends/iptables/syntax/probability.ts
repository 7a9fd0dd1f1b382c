/** The chances that `-m statistic` draws with, as the kernel keeps them. */

import { probabilityText } from './values.js';

/** The kernel compares a random 31-bit number. */
const STEPS = 2 ** 31;

/** The text that iptables-save prints for kube-proxy's chance of one in `n`: ten decimals in, 31 bits kept, eleven decimals out. */
export function oneIn(n: number): string {
  const known = TEXTS[n];
  if (known !== undefined) return known;
  const text = probabilityText(Math.round(Number((1 / n).toFixed(10)) * STEPS));
  TEXTS[n] = text;
  return text;
}

const TEXTS: string[] = [];
