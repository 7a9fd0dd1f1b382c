/** The expected traffic of a model: every packet that a machine can meet, and its outcome. */

import type { Model } from '../model/types.js';
import { ALL } from '../netfilter/fraction.js';
import { difference, type Intervals, intersection } from '../netfilter/intervals.js';
import {
  type FieldName,
  loopback,
  numbers,
  type Region,
  withField,
  word,
  words,
} from '../netfilter/region.js';
import {
  DROPPED,
  type ExpectedTraffic,
  type Outcome,
  PASSES,
  regionShares,
  type Setting,
} from './expected.js';
import { type AddressClass, placesOf } from './frontends.js';
import type { NamedFrontend } from './named-frontend.js';
import { type Elsewhere, otherPorts, sameElsewhere } from './other-ports.js';
import { type Sender, sendersOf } from './senders.js';

const NEW = word('new');

/** What every sender can expect at every address, then to later packets of connections. */
export function* expectedTraffic(model: Model, setting: Setting): Generator<ExpectedTraffic> {
  const senders = sendersOf(setting.context, setting.machine);
  const places = placesOf(model, setting);
  for (const place of places)
    for (const sender of senders) yield* guarded(placeTraffic(place, sender, setting), setting);
  for (const place of sameElsewhere(places))
    for (const sender of senders) yield* guarded(elsewhere(place, sender), setting);
  for (const sender of senders) yield* guarded(laterTraffic(sender, setting), setting);
}

function* placeTraffic(
  place: AddressClass,
  sender: Sender,
  setting: Setting,
): Generator<ExpectedTraffic> {
  const region = withField(withField(sender.region, 'daddr', place.daddr), 'state', NEW);
  for (const frontend of place.frontends) yield* frontendTraffic(frontend, region, sender, setting);
}

function* elsewhere(place: Elsewhere, sender: Sender): Generator<ExpectedTraffic> {
  const { otherwise } = place;
  for (const region of otherPorts(place, { ...sender.region, state: NEW }))
    yield sameOutcome('', 'no Service', region, sender, otherwise);
}

function* frontendTraffic(
  frontend: NamedFrontend,
  region: Region,
  sender: Sender,
  setting: Setting,
): Generator<ExpectedTraffic> {
  const { port, what, protocol, number } = frontend;
  const { origin } = port;
  const asked = withField(region, 'protocol', word(protocol));
  const here = withField(asked, 'dport', numbers(number, number));
  const allowed = frontend.allowed?.(sender);
  const [inside, outside] = allowed === undefined ? [here] : halves(here, 'saddr', allowed);
  if (outside !== undefined) yield sameOutcome(origin, what, outside, sender, DROPPED);
  if (inside === undefined) return;
  const decision = frontend.decide(sender);
  const shares = regionShares(inside, decision, port, sender, setting);
  const sticky = decision.kind === 'pool' && port.affinitySeconds > 0;
  const affinity = sticky ? { port, decision } : undefined;
  yield { origin, what, sender, region: inside, shares, affinity };
}

function sameOutcome(
  origin: string,
  what: string,
  region: Region,
  sender: Sender,
  outcome: Outcome,
): ExpectedTraffic {
  const shares = [{ region, share: ALL, outcome }];
  return { origin, what, sender, region, shares, affinity: undefined };
}

/** The part of a region that is in a set, and the part that is not; either may be missing. */
function halves(
  region: Region,
  field: FieldName,
  set: Intervals,
): readonly [inside: Region | undefined, outside: Region | undefined] {
  const half = (values: Intervals): Region | undefined =>
    values.length === 0 ? undefined : withField(region, field, values);
  return [half(intersection(region[field], set)), half(difference(region[field], set))];
}

/** Packets of connections that exist pass, wherever they go; invalid ones may be dropped. */
function* laterTraffic(
  sender: Sender,
  { context, machine, behaviour }: Setting,
): Generator<ExpectedTraffic> {
  const later = (region: Region, outcome: Outcome): ExpectedTraffic =>
    sameOutcome('', 'later packets', region, sender, outcome);
  const known = { ...sender.region, state: words(['established', 'related']) };
  yield later(known, PASSES);
  yield later({ ...sender.region, state: word('untracked') }, PASSES);
  const invalid: Region = { ...sender.region, state: word('invalid') };
  const drops = behaviour.dropsInvalid && !context.tcpBeLiberal && !sender.isNode;
  const [own, forwarded] = halves(invalid, 'daddr', machine.local);
  if (own !== undefined) yield later(own, PASSES);
  if (forwarded !== undefined) yield later(forwarded, drops ? DROPPED : PASSES);
}

const KNOWN_STATES = words(['established', 'related']);

/**
 * Where node ports answer on 127.0.0.0/8, nothing else may reach it from elsewhere: what is not
 * translated is dropped (CVE-2020-8558).
 */
function* guarded(
  all: Iterable<ExpectedTraffic>,
  { context, behaviour }: Setting,
): Generator<ExpectedTraffic> {
  const isGuarded = behaviour.guardsLoopback && context.localhostNodePorts;
  const own = loopback('IPv4');
  for (const traffic of all) {
    const isTranslated = traffic.shares.some(({ outcome }) => outcome.startsWith('accept to'));
    const isKnown = intersection(traffic.region.state, KNOWN_STATES).length > 0;
    if (!isGuarded || isTranslated || isKnown) {
      yield traffic;
      continue;
    }
    yield* split(traffic, own);
  }
}

function* split(traffic: ExpectedTraffic, own: Intervals): Generator<ExpectedTraffic> {
  const { origin, what, sender, shares } = traffic;
  const outcome = shares[0]?.outcome ?? PASSES;
  const [inside, outside] = halves(traffic.region, 'daddr', own);
  if (outside !== undefined) yield sameOutcome(origin, what, outside, sender, outcome);
  if (inside === undefined) return;
  const [fromOwn, fromOthers] = halves(inside, 'saddr', own);
  if (fromOwn !== undefined) yield sameOutcome(origin, what, fromOwn, sender, outcome);
  if (fromOthers !== undefined) yield sameOutcome(origin, what, fromOthers, sender, DROPPED);
}
