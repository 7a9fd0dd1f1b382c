/**
 * Translations to the machine itself, as nf_nat_redirect.c makes them: what it sends goes to
 * loopback, what arrives to the first address of the interface that it arrives on.
 */

import { type Family, type Ip, parseIp } from '../net/ip.js';
import type { Surroundings } from './chain-walk.js';
import { type Ended, type Flow, splitByField, translated, translationTo } from './flow.js';
import { word } from './region.js';
import type { Action } from './rule.js';

type Redirect = Extract<Action, { readonly kind: 'redirect' }>;

/** The parts of a flow by the address that each is sent to. */
export function redirected(
  redirect: Redirect,
  flow: Flow,
  { family, interfaces }: Pick<Surroundings, 'family' | 'interfaces'>,
): readonly Ended[] {
  if (flow.isOwn) return [sentTo(LOOPBACK[family], redirect, flow)];
  const parts: Ended[] = [];
  let open: Flow | undefined = flow;
  for (const [name, ip] of interfaces) {
    if (open === undefined) break;
    const split: ReturnType<typeof splitByField> = splitByField(open, 'iif', word(name));
    if (split.met !== undefined) parts.push(sentTo(ip, redirect, split.met));
    open = split.rest;
  }
  const text = `${redirect.text}: the address of the interface that the packet arrives on`;
  if (open !== undefined) parts.push({ flow: open, ending: { kind: 'unknown', text } });
  return parts;
}

const LOOPBACK: Readonly<Record<Family, Ip | undefined>> = {
  IPv4: parseIp('127.0.0.1'),
  IPv6: parseIp('::1'),
};

function sentTo(ip: Ip | undefined, { port, text }: Redirect, flow: Flow): Ended {
  return ip === undefined
    ? { flow, ending: { kind: 'unknown', text } }
    : { flow: translated(flow, translationTo({ ip, port })), ending: { kind: 'accept' } };
}
