/**
 * What kube-proxy 1.36.2 took for the same, recorded once and on another day, in seconds: for
 * orientation only. Its changes replace one endpoint of one Service, in steady state with a minimum
 * sync period of 1 ms.
 */

import type { Variant } from './apply-raw.js';

type Numbers = Readonly<Record<string, number>>;

/**
 * By variant, by `SERVICESxENDPOINTS`, by what was measured. At 10,000 iptables-nft was stopped
 * before it was done.
 */
export const KUBE_PROXY: Readonly<Record<Variant, Readonly<Record<string, Numbers>>>> = {
  nf_tables: {
    '1000x10': { 'first load': 4.4, 'one slice changed': 0.1 },
    '5000x10': { 'first load': 212, 'one slice changed': 0.49 },
    '10000x10': { 'first load': 730 },
  },
  legacy: {
    '1000x10': { 'first load': 0.38, 'one slice changed': 0.15 },
    '5000x10': { 'first load': 2.4, 'one slice changed': 0.79 },
    '10000x10': { 'first load': 8.1, 'one slice changed': 1.64 },
  },
  nftables: {
    '1000x10': { 'first load': 0.28, 'one slice changed': 0.2 },
    '5000x10': { 'first load': 3.5, 'one slice changed': 1.43 },
    '10000x10': { 'first load': 14.6, 'one slice changed': 4.2 },
  },
};

/**
 * Its largest resident size at 10,000 Services with 10 endpoints, MB, taken without informers, and
 * what an agent with its own may take.
 */
export const KUBE_PROXY_MB: Readonly<
  Record<Variant, { readonly largest: number; readonly goal: number }>
> = {
  nf_tables: { largest: 290, goal: 400 },
  legacy: { largest: 290, goal: 400 },
  nftables: { largest: 445, goal: 500 },
};

/**
 * What the tool alone took on that day to write one Service's own chains, in seconds: another day's
 * machine is as much slower or faster as its tool is.
 */
export const TOOL_THEN: Readonly<Record<Variant, Readonly<Record<string, number>>>> = {
  nf_tables: { '1000x10': 0.044, '5000x10': 0.14, '10000x10': 0.308 },
  legacy: { '1000x10': 0.115, '5000x10': 0.63, '10000x10': 1.23 },
  nftables: { '1000x10': 0.029, '5000x10': 0.042, '10000x10': 0.085 },
};

/**
 * Microseconds that the first packet to the last of so many Services took in its rules of
 * iptables-nft.
 */
export const KUBE_PROXY_LATENCY: readonly (readonly [services: number, microseconds: number])[] = [
  [100, 13.8],
  [1000, 26.5],
  [5000, 77.8],
  [10_000, 153.4],
  [20_000, 294.9],
  [30_000, 443.1],
];
