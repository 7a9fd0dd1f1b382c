/** What happens to tests where something that they need is missing. */

const printed = new Set<string>();

/**
 * Skips the tests of the calling hook, and prints the reason once. Where CI is set it throws
 * instead, so that a green CI run has really tried them.
 */
export function skipMissing(context: Mocha.Context, reason: string): never {
  if ((process.env.CI ?? '') !== '') throw new Error(`${reason}, and CI does not skip them`);
  if (!printed.has(reason)) console.log(`    skipped: ${reason}`);
  printed.add(reason);
  return context.skip();
}
