/** The chances that `-m statistic` draws with, as the kernel keeps them. */

import { oneInNumerator } from '../../../netfilter/shares.js';
import { probabilityText } from './values.js';

/**
 * The text that iptables-save prints for kube-proxy's chance of one in `n`: ten decimals in, 31
 * bits kept, eleven decimals out.
 */
export function oneIn(n: number): string {
  const known = TEXTS[n];
  if (known !== undefined) return known;
  const text = probabilityText(oneInNumerator(n));
  TEXTS[n] = text;
  return text;
}

const TEXTS: string[] = [];
