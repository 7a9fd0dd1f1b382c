/** The age of an object as kubectl prints it (duration.HumanDuration of apimachinery). */

const [MINUTE, HOUR, DAY, YEAR] = [60, 3600, 86_400, 31_536_000];

/** `5s`, `3m9s`, `7h5m`, `2d3h`, `400d`, `3y12d`; `created` in RFC 3339, `now` in milliseconds. */
export function ageText(created: string, now: number): string {
  const then = Date.parse(created);
  if (Number.isNaN(then)) return '<unknown>';
  const seconds = Math.trunc((now - then) / 1000);
  if (seconds < -1) return '<invalid>';
  const [, size, unit, part, partUnit] =
    STEPS.find(([below]) => seconds < below) ?? ([0, YEAR, 'y', 0, ''] as const);
  const whole = Math.floor(Math.max(seconds, 0) / size);
  const rest = part === 0 ? 0 : Math.floor((Math.max(seconds, 0) % size) / part);
  return rest === 0 ? `${whole}${unit}` : `${whole}${unit}${rest}${partUnit}`;
}

/** Below so many seconds: the unit, and the smaller unit that is printed with it. */
const STEPS: readonly (readonly [
  below: number,
  size: number,
  unit: string,
  part: number,
  partUnit: string,
])[] = [
  [2 * MINUTE, 1, 's', 0, ''],
  [10 * MINUTE, MINUTE, 'm', 1, 's'],
  [3 * HOUR, MINUTE, 'm', 0, ''],
  [8 * HOUR, HOUR, 'h', MINUTE, 'm'],
  [2 * DAY, HOUR, 'h', 0, ''],
  [8 * DAY, DAY, 'd', HOUR, 'h'],
  [2 * YEAR, DAY, 'd', 0, ''],
  [8 * YEAR, YEAR, 'y', DAY, 'd'],
];
