/**
 * Proves that rules do what a model promises: for every packet that the machine can meet, the
 * chance of everything that can become of it is the promised one, exactly.
 */

import type { Model } from '../model/types.js';
import type { Router } from '../netfilter/route.js';
import type { Setting } from './expected.js';
import type { Owns } from './fates.js';
import { promisesOf } from './promises.js';
import { type Finding, Proof } from './proof.js';
import { sendersOf } from './senders.js';
import type { Unneeded } from './unneeded.js';

export interface Verdict {
  readonly findings: readonly Finding[];
  /** Addresses and ports of Services. */
  readonly frontends: number;
  /** Kinds of senders, each of which was tried with every frontend. */
  readonly senders: number;
  /** Rules for Services that decide about no packet; none are told where promises were selected. */
  readonly unneeded: readonly Unneeded[];
}

export interface VerifyOptions {
  /** Which rules are there for Services. Default: all. */
  readonly owns?: Owns;
  /** Which promises are looked at, by their origin; `''`: those without a Service. Default: all. */
  readonly selects?: (origin: string) => boolean;
}

/** Compares what a router does with what a model promises. */
export function verify(
  router: Router,
  model: Model,
  setting: Setting,
  { owns = everyRule, selects }: VerifyOptions = {},
): Verdict {
  const findings: Finding[] = [];
  const frontends = new Set<string>();
  const proof = new Proof(router, setting, owns);
  const tryAll = (mark: number): void => {
    for (const promised of promisesOf(model, setting)) {
      if (selects?.(promised.origin) === false) continue;
      if (promised.origin !== '') frontends.add(`${promised.what} ${promised.origin}`);
      for (const found of proof.findings(promised, mark)) findings.push(found);
    }
  };
  tryAll(0);
  const { otherMark } = proof;
  if (otherMark !== 0) tryAll(otherMark);
  return {
    findings,
    frontends: frontends.size,
    senders: sendersOf(setting.context, setting.machine).length,
    unneeded: selects?.('') === false ? [] : proof.unneeded(),
  };
}

const everyRule: Owns = () => true;
