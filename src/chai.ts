/**
 * `vipc/chai`: plugins for chai. One compares text with golden files, one tests what rules do with
 * packets.
 */

import type { use } from 'chai';
import type { Expectation, ExpectedEndpoints } from './behaviour/expectation.js';
import { failureOf } from './behaviour/failure.js';
import { rulesFrom, trace } from './behaviour/node-rules.js';
import type { Question } from './behaviour/question.js';
import { tracedFrom } from './behaviour/traced-packet.js';
import { compareGolden } from './golden-file.js';

export { unusedGoldens } from './golden-file.js';

/** What a question says besides sender and destination. */
export type PacketOptions = Omit<Question, 'from' | 'to'>;

/** A packet that has a sender and still needs a destination. */
export interface PacketFrom {
  /**
   * Sends the first packet of a connection to `10.96.0.10:53/udp`; to `svc/NAME:PORT` or
   * `NAME.NAMESPACE:PORT` where the rules are compiled. Assertions about it follow.
   */
  to(destination: string): Chai.Assertion;
}

declare global {
  namespace Chai {
    interface Assertion {
      /**
       * Asserts that the text equals the file, byte for byte. With `UPDATE_GOLDEN=1` in the
       * environment it writes the file instead, and its folders; where `CI` is set that is an
       * error. A relative path starts at the working directory of the process.
       */
      matchGolden(path: string | URL): Assertion;
      /**
       * Of rules (see `trace`): sends a packet from an address, or where they are compiled from
       * `pod`, `node`, `outside` or `endpoint`. In each assertion that follows, `not` means that no
       * packet may be so, and what is not known is a failure.
       */
      from(source: string, options?: PacketOptions): PacketFrom;
      /**
       * Asserts of a packet that it reaches one of these endpoints, `10.244.1.7:53`, and each of
       * these sometimes; given as an object, with these exact shares: `{'10.244.1.7:53': '1/2'}`.
       * Without any: that it always reaches an endpoint.
       */
      reach(endpoints?: ExpectedEndpoints): Assertion;
      /** Asserts of a packet that it is refused. */
      readonly refused: Assertion;
      /** Asserts of a packet that it is refused with this: `port-unreachable`, `tcp-reset`. */
      refusedWith(answer: string): Assertion;
      /** Asserts of a packet that it is dropped. */
      readonly dropped: Assertion;
      /** Asserts of a packet that it goes on as it was. */
      readonly untouched: Assertion;
      /** Asserts of a packet that it gets through from an address of the machine. */
      readonly masquerade: Assertion;
      /** Asserts of a packet that it is masqueraded on its way to these endpoints alone. */
      masqueradeTo(endpoints: readonly string[]): Assertion;
    }
  }
}

/**
 * A chai plugin, as the types of chai itself have it; the import also brings the namespace that is
 * augmented above.
 */
type ChaiPlugin = Parameters<typeof use>[0];

/** The chai plugin that adds `matchGolden`: `use(goldenFiles)` from chai, once per process. */
export const goldenFiles: ChaiPlugin = ({ Assertion, AssertionError }, utils) => {
  Assertion.addMethod('matchGolden', function matchGolden(path: string | URL) {
    const failure = compareGolden(
      utils.flag(this, 'object'),
      path,
      utils.flag(this, 'negate') === true,
    );
    if (failure === undefined) return;
    const { message, texts } = failure;
    const prefix: unknown = utils.flag(this, 'message');
    const facts = texts && { ...texts, showDiff: true, operator: 'strictEqual' };
    throw new AssertionError(
      typeof prefix === 'string' ? `${prefix}: ${message}` : message,
      facts ?? {},
      utils.flag(this, 'ssfi'),
    );
  });
};

/**
 * The chai plugin that sends packets through rules: `use(packets)`, then
 * `expect(rules).from('10.244.1.5').to('10.96.0.10:53/udp').to.reach(['10.244.1.7:53'])`.
 */
export const packets: ChaiPlugin = ({ Assertion, AssertionError }, utils) => {
  Assertion.addMethod('from', function from(source: string, options: PacketOptions = {}) {
    const rules = rulesFrom(utils.flag(this, 'object'));
    const to = (destination: string): Chai.Assertion => {
      const found = trace(rules, { ...options, from: source, to: destination });
      const next = new Assertion(found, utils.flag(this, 'message'));
      utils.transferFlags(this as unknown as Chai.Assertion, next, false);
      return next;
    };
    return { to } satisfies PacketFrom;
  });
  const check = (assertion: object, expected: Expectation): void => {
    const found = tracedFrom(utils.flag(assertion, 'object'));
    const failure = failureOf(found, expected, utils.flag(assertion, 'negate') === true);
    if (failure === undefined) return;
    const prefix: unknown = utils.flag(assertion, 'message');
    throw new AssertionError(
      typeof prefix === 'string' ? `${prefix}: ${failure.message}` : failure.message,
      failure.compared ? { ...failure.compared, showDiff: true } : {},
      utils.flag(assertion, 'ssfi'),
    );
  };
  Assertion.addMethod('reach', function reach(endpoints?: ExpectedEndpoints) {
    check(this, { kind: 'reach', endpoints });
  });
  Assertion.addMethod('refusedWith', function refusedWith(answer: string) {
    check(this, { kind: 'refused', with: answer });
  });
  Assertion.addMethod('masqueradeTo', function masqueradeTo(endpoints: readonly string[]) {
    check(this, { kind: 'masquerade', endpoints });
  });
  for (const kind of ['refused', 'dropped', 'untouched', 'masquerade'] as const)
    Assertion.addProperty(kind, function property() {
      check(this, { kind });
    });
};
