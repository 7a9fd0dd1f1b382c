/** Orders the versions of tools and kernels. */

/** Whether a version is older than another; not for one that cannot be read. */
export function isOlderVersion(version: string | undefined, oldest: string): version is string {
  return (compareVersions(version, oldest) ?? 0) < 0;
}

/** Negative, zero or positive, like the difference; `undefined` where a version cannot be read. */
export function compareVersions(version: string | undefined, other: string): number | undefined {
  const [a, b] = [numbers(version), numbers(other)];
  if (a === undefined || b === undefined) return undefined;
  const places = Array.from({ length: Math.max(a.length, b.length) }, (_, i) => i);
  return places.map((i) => (a[i] ?? 0) - (b[i] ?? 0)).find((difference) => difference !== 0) ?? 0;
}

/** The numbers at the beginning: `6.1.0-18-amd64` is 6.1.0. */
function numbers(version: string | undefined): readonly number[] | undefined {
  return /^\d+(?:\.\d+)*/
    .exec(version ?? '')?.[0]
    .split('.')
    .map(Number);
}
