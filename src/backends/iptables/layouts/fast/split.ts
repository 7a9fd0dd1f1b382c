/**
 * Cuts a large pool into parts, so that a packet is asked few questions and a change of an endpoint
 * changes few chains. Which part an endpoint is in depends on itself alone.
 */

/** One part of a pool: smaller parts, and endpoints, which together get its traffic. */
export interface PoolPart<Endpoint> {
  /** The place of the part, a digit for each level; `''` for the whole pool. */
  readonly path: string;
  /** How many endpoints are in each smaller part. */
  readonly parts: readonly { readonly path: string; readonly size: number }[];
  readonly endpoints: readonly Endpoint[];
}

/** Pools and parts up to this size are not cut. */
const MOST_TOGETHER = 16;

/** The parts that one is cut into at most; three bits of a hash. */
const FAN_OUT = 8;

/**
 * Levels of parts below a pool, enough for half a million endpoints. nf_tables takes 15 chains
 * below a built-in one, and up to ten lead to the parts of a pool, six of them nodes of a dispatch
 * tree.
 */
const MOST_LEVELS = 5;

/**
 * The parts of a pool, the whole first, each with its endpoints in their order. `hashOf`: at least
 * 20 hexadecimal digits.
 */
export function poolParts<Endpoint>(
  endpoints: readonly Endpoint[],
  hashOf: (endpoint: Endpoint) => string,
): readonly PoolPart<Endpoint>[] {
  if (endpoints.length <= MOST_TOGETHER) return [{ path: '', parts: [], endpoints }];
  const hashes = new Map(endpoints.map((endpoint) => [endpoint, hashOf(endpoint)]));
  const digitOf = (endpoint: Endpoint, level: number): number =>
    Number.parseInt(hashes.get(endpoint)?.slice(2 * level, 2 * level + 2) ?? '', 16) % FAN_OUT;
  const cut = (path: string, some: readonly Endpoint[]): readonly PoolPart<Endpoint>[] => {
    if (some.length <= MOST_TOGETHER || path.length >= MOST_LEVELS)
      return [{ path, parts: [], endpoints: some }];
    const groups = Array.from({ length: FAN_OUT }, (): Endpoint[] => []);
    for (const endpoint of some) groups[digitOf(endpoint, path.length)]?.push(endpoint);
    const below = groups.flatMap((group, digit) =>
      group.length > 1 ? [{ path: `${path}${digit}`, group }] : [],
    );
    const part = {
      path,
      parts: below.map((one) => ({ path: one.path, size: one.group.length })),
      endpoints: groups.flatMap((group) => (group.length === 1 ? group : [])),
    };
    return [part, ...below.flatMap((one) => cut(one.path, one.group))];
  };
  return cut('', endpoints);
}
