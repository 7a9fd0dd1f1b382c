/** A router whose chances are fractions that people write, such as 1/3. */

import { type Arrival, type RouteOptions, Router } from '../netfilter/route.js';
import { nominalChance } from '../netfilter/shares.js';

/**
 * Follows rules with the chances that are meant: a rule of one in three is 1/3, and not the
 * 715827883/2147483648 that the kernel makes of it.
 */
export class NominalRouter extends Router {
  override route(
    region: Parameters<Router['route']>[0],
    start: Parameters<Router['route']>[1],
    options: RouteOptions = {},
  ): readonly Arrival[] {
    return super.route(region, start, { ...options, chanceOf: nominalChance });
  }
}
