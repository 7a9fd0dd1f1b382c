/**
 * The floor that the compiler is compared with: the same text for the same cluster, written by hand
 * with template literals and no model, schema or template behind it. It must give the same bytes,
 * so it is also a second opinion on them.
 */

import { createHash } from 'node:crypto';
import { clusterIp, endpointIp, type Size, serviceName } from './cluster.js';

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function chainHash(text: string): string {
  const bytes = createHash('sha256').update(text).digest();
  let bits = 0n;
  for (const byte of bytes.subarray(0, 10)) bits = (bits << 8n) | BigInt(byte);
  let digits = '';
  for (let i = 75n; i >= 0n; i -= 5n) digits += DIGITS[Number((bits >> i) & 31n)];
  return digits;
}

/** The `*nat` lines of all Services: declarations and rules, each in Service order. */
export function floorText({ services, endpoints }: Size): {
  readonly chains: string;
  readonly rules: string;
} {
  const chains: string[] = [];
  const rules: string[] = [];
  const comments = services * endpoints <= 1000;
  for (let i = 0; i < services; i++) {
    const id = `bench/${serviceName(i)}:http`;
    const svc = `KUBE-SVC-${chainHash(`${id}tcp`)}`;
    const about = (text: string): string => (comments ? `-m comment --comment "${text}" ` : '');
    const targets = Array.from({ length: endpoints }, (_, j) => endpointIp(i, j, endpoints))
      .map((ip) => ({ ip, target: `${ip}:8080` }))
      .sort((a, b) => (a.target < b.target ? -1 : 1))
      .map(({ ip, target }) => ({ ip, target, sep: `KUBE-SEP-${chainHash(`${id}tcp${target}`)}` }));
    chains.push(`:${svc} - [0:0]\n`, ...targets.map(({ sep }) => `:${sep} - [0:0]\n`));
    rules.push(
      `-A KUBE-SERVICES -d ${clusterIp(i)}/32 -p tcp -m comment --comment "${id} cluster IP" -m tcp --dport 80 -j ${svc}\n`,
      ...targets.map(({ target, sep }, j) => {
        const left = endpoints - j;
        const share = Math.round(Number((1 / left).toFixed(10)) * 2 ** 31) / 2 ** 31;
        const chance =
          left === 1 ? '' : `-m statistic --mode random --probability ${share.toFixed(11)} `;
        return `-A ${svc} ${about(`${id} -> ${target}`)}${chance}-j ${sep}\n`;
      }),
      ...targets.map(
        ({ ip, target, sep }) =>
          `-A ${sep} -s ${ip}/32 ${about(id)}-j KUBE-MARK-MASQ\n-A ${sep} -p tcp ${about(id)}-m tcp -j DNAT --to-destination ${target}\n`,
      ),
    );
  }
  return { chains: chains.join(''), rules: rules.join('') };
}
