/** What `verify` found, in words. */

import { inetNtop, joinHostPort } from '../net/ip.js';
import { type Fraction, percentText } from '../netfilter/fraction.js';
import type { BrokenFrontend, Counterexample } from './counterexample.js';
import type { Outcome } from './expected.js';
import { stepText } from './trace-text.js';

/** What the two sides of a finding are called. */
export interface Labels {
  readonly expected: string;
  readonly found: string;
}

/** Those of rules that are compared with objects. */
export const EXPECTED_FOUND: Labels = { expected: 'expected', found: 'found' };

/** What a frontend does otherwise: who meets it, a packet, both shares, and what decides. */
export function brokenText(
  { finding, example, senders }: BrokenFrontend,
  labels: Labels = EXPECTED_FOUND,
): readonly string[] {
  const { kind, traffic, expected, found, assumptions } = finding;
  const subject = traffic.origin === '' ? traffic.what : `${traffic.origin}, ${traffic.what}`;
  const said = kind === 'changed' ? 'changed by the rules of others' : kind;
  return [
    `${said}: ${subject}, from ${senders.join('; ')}`,
    `  ${examplePacketText(example)}`,
    ...shareLines(labels.expected, expected, traffic.origin),
    ...shareLines(labels.found, found, traffic.origin),
    ...example.path.map((step) => `    ${stepText(step)}`),
    ...assumptions.map((text) => `  not known: ${text}`),
  ];
}

function examplePacketText(packet: Counterexample): string {
  const { source, destination, protocol, port, start, inInterface, state, age, mark } = packet;
  const to = inetNtop(destination);
  const how = start === 'output' ? ', sent by the machine' : ', arriving';
  const face = inInterface === '' ? '' : ` on ${inInterface}`;
  const later = state === 'new' ? '' : `, connection ${state}`;
  const again = age === undefined ? '' : `, from a client seen ${age} s ago`;
  const marked = mark === 0 ? '' : `, with mark 0x${mark.toString(16)}`;
  return `${protocol || 'any protocol'} ${inetNtop(source)} -> ${joinHostPort(to, port)}${how}${face}${later}${again}${marked}`;
}

/** More endpoints than this are counted. */
const MOST_SHARES = 5;

function shareLines(
  label: string,
  shares: ReadonlyMap<Outcome, Fraction>,
  origin: string,
): readonly string[] {
  const texts = [...shares].map(
    ([outcome, share]) => `${percentText(share)} ${outcomeWords(outcome, origin)}`,
  );
  const more = texts.length - MOST_SHARES;
  const shown = more > 0 ? [...texts.slice(0, MOST_SHARES), `${more} more`] : texts;
  return [`  ${label.padEnd(8)} ${shown.join(', ') || 'nothing that is known'}`];
}

/** `to 10.244.1.7:8080, source masqueraded` as `to 10.244.1.7:8080 masqueraded`. */
function outcomeWords(outcome: Outcome, origin: string): string {
  if (outcome === 'accept') return origin === '' ? 'untouched' : 'not translated';
  return outcome
    .replace(/^accept (?:(?=to ))?/, '')
    .replace(/^drop$/, 'dropped')
    .replace(/^reject /, 'refused with ');
}
