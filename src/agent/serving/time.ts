/** The two clocks of a machine, so that a test can have its own. */

/** What time it is, and how much has passed. */
export interface Time {
  /** Milliseconds of the epoch; somebody may set it. */
  readonly wall: () => number;
  /** Milliseconds since some moment; never jumps. */
  readonly monotonic: () => number;
}

/** The clocks of this machine. */
export const systemTime: Time = { wall: () => Date.now(), monotonic: () => performance.now() };

/** A moment as Go prints one in JSON: RFC 3339 in UTC, with the digits of its fraction that are needed. */
export function timestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.?0*Z$/, 'Z');
}
