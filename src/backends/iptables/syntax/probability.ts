/** The probabilities of `-m statistic`, as the kernel stores them. */

import { oneInNumerator } from '../../../netfilter/shares.js';
import { probabilityText } from './values.js';

/**
 * The text that iptables-save prints for kube-proxy's probability 1/n: kube-proxy writes ten
 * decimals, the kernel keeps 31 bits, iptables-save prints eleven decimals.
 */
export function oneIn(n: number): string {
  const known = TEXTS[n];
  if (known !== undefined) return known;
  const text = probabilityText(oneInNumerator(n));
  TEXTS[n] = text;
  return text;
}

const TEXTS: string[] = [];
