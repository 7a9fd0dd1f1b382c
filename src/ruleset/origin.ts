/**
 * Reads what a rule is traced back to: `namespace/name:port PROTOCOL`, or `''` for what every node
 * has.
 */

/**
 * `namespace/name` of the Service of an origin; `''` for the frame. Names hold neither colons nor
 * blanks.
 */
export function serviceOf(origin: string): string {
  return origin.split(/[: ]/, 1)[0] ?? '';
}
