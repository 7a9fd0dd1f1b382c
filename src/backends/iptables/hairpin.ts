/**
 * The programs for `-m bpf` that match packets whose source is their destination: after
 * translation, those of a pod that reached itself through a Service.
 */

import type { Family } from '../../net/ip.js';

/**
 * As iptables-save prints them: their length, then `CODE JT JF K` of each instruction
 * (linux/filter.h). Each word of the source is loaded (32), kept (7), and compared (29) with that
 * of the destination; all equal is 1, else 0 (6).
 */
export const HAIRPIN_PROGRAMS: Readonly<Record<Family, string>> = {
  IPv4: '6,32 0 0 12,7 0 0 0,32 0 0 16,29 0 1 0,6 0 0 1,6 0 0 0',
  IPv6: [
    '18',
    ...['32 0 0 8', '7 0 0 0', '32 0 0 24', '29 0 13 0'],
    ...['32 0 0 12', '7 0 0 0', '32 0 0 28', '29 0 9 0'],
    ...['32 0 0 16', '7 0 0 0', '32 0 0 32', '29 0 5 0'],
    ...['32 0 0 20', '7 0 0 0', '32 0 0 36', '29 0 1 0'],
    ...['6 0 0 1', '6 0 0 0'],
  ].join(','),
};

/** The family whose hairpins a program matches; `undefined` for any other program. */
export function hairpinFamily(program: string): Family | undefined {
  return (['IPv4', 'IPv6'] as const).find((family) => HAIRPIN_PROGRAMS[family] === program);
}
