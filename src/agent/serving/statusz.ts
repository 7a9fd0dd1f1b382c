/** The page that says since when which version runs, after KEP-4827. */

import { timestamp } from './answer.js';

const PATHS = ['/configz', '/flagz', '/healthz', '/metrics', '/proxyMode'] as const;

/** When this process began, in milliseconds of the epoch. */
export function startTime(): number {
  return performance.timeOrigin;
}

/** The page as text. Times in milliseconds of the epoch. */
export function statuszPage(version: string, started: number, now: number): string {
  const seconds = Math.max(0, Math.floor((now - started) / 1000));
  const two = (number: number): string => String(number).padStart(2, '0');
  const up = `${Math.floor(seconds / 3600)} hr ${two(Math.floor(seconds / 60) % 60)} min ${two(seconds % 60)} sec`;
  return `
vipc statusz
Warning: This endpoint is not meant to be machine parseable, has no formatting compatibility guarantees and is for debugging purposes only.

Started: ${unixDate(started)}
Up: ${up}
Node version: ${process.version}
Binary version: ${version}
Paths: ${PATHS.join(' ')}
`;
}

/** The same as an object of the API group `config.k8s.io`, in a version of it. */
export function statuszValue(
  apiVersion: string,
  version: string,
  started: number,
  now: number,
): object {
  return {
    kind: 'Statusz',
    apiVersion: `config.k8s.io/${apiVersion}`,
    metadata: { name: 'vipc' },
    startTime: timestamp(Math.floor(started / 1000) * 1000),
    uptimeSeconds: Math.max(0, Math.floor((now - started) / 1000)),
    nodeVersion: process.version,
    binaryVersion: version,
    paths: PATHS,
  };
}

/** As `date` prints it: `Fri Nov 20 09:40:00 UTC 2026`. */
function unixDate(milliseconds: number): string {
  const [day = '', date = '', month = '', year = '', clock = ''] = new Date(milliseconds)
    .toUTCString()
    .replace(',', '')
    .split(' ');
  return `${day} ${month} ${String(Number(date)).padStart(2, ' ')} ${clock} UTC ${year}`;
}
