/** How far a split of connections is from the shares that are promised. */

/**
 * Pearson's chi-square of what was found against the share of each text, all of which are above
 * zero; 0 where both agree exactly. What has no share is not counted: a test asks for it apart.
 */
export function chiSquare(found: readonly string[], shares: ReadonlyMap<string, number>): number {
  return [...shares].reduce((sum, [text, share]) => {
    const promised = share * found.length;
    return sum + (found.filter((one) => one === text).length - promised) ** 2 / promised;
  }, 0);
}
