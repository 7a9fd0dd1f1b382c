/** Writes line plots as SVG, with logarithmic axes. */

/** One line. */
export interface Line {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Measured on another day or by others. */
  readonly dashed?: boolean;
}

interface Plot {
  readonly title: string;
  /** Machine and day. */
  readonly caption: string;
  readonly x: string;
  readonly y: string;
  readonly lines: readonly Line[];
}

const WIDTH = 760;
const HEIGHT = 420;
const LEFT = 70;
const RIGHT = 260;
const TOP = 40;
const BOTTOM = 70;
/** Distinct for people who see no red or no green, too. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#444444'];

/** The plot as a document. Values are positive. */
export function plotSvg({ title, caption, x, y, lines }: Plot): string {
  const across = axis(lines.flatMap(({ points }) => points.map(([value]) => value)));
  const up = axis(lines.flatMap(({ points }) => points.map(([, value]) => value)));
  const right = WIDTH - RIGHT;
  const bottom = HEIGHT - BOTTOM;
  const px = (value: number): string => (LEFT + across.place(value) * (right - LEFT)).toFixed(1);
  const py = (value: number): string => (bottom - up.place(value) * (bottom - TOP)).toFixed(1);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    text(LEFT, 22, title, 'font-size="15" font-weight="bold"'),
    ...across.ticks.flatMap((tick) => [
      `<path d="M${px(tick)} ${TOP}V${bottom}" stroke="#dddddd"/>`,
      text(px(tick), bottom + 18, tick.toLocaleString('en'), 'text-anchor="middle"'),
    ]),
    ...up.ticks.flatMap((tick) => [
      `<path d="M${LEFT} ${py(tick)}H${right}" stroke="#dddddd"/>`,
      text(LEFT - 8, Number(py(tick)) + 4, tick.toLocaleString('en'), 'text-anchor="end"'),
    ]),
    text((LEFT + right) / 2, bottom + 38, x, 'text-anchor="middle"'),
    text(
      18,
      (TOP + bottom) / 2,
      y,
      `text-anchor="middle" transform="rotate(-90 18 ${(TOP + bottom) / 2})"`,
    ),
    text(LEFT, HEIGHT - 10, caption, 'fill="#555555" font-size="11"'),
    ...lines.flatMap(({ name, points, dashed = false }, i) => {
      const colour = COLOURS[i % COLOURS.length] ?? '';
      const path = points.map(([a, b], at) => `${at === 0 ? 'M' : 'L'}${px(a)} ${py(b)}`).join('');
      const stroke = `fill="none" stroke="${colour}" stroke-width="2"${dashed ? ' stroke-dasharray="6 4"' : ''}`;
      const row = TOP + 10 + i * 20;
      return [
        `<path d="${path}" ${stroke}/>`,
        ...points.map(([a, b]) => `<circle cx="${px(a)}" cy="${py(b)}" r="3" fill="${colour}"/>`),
        `<path d="M${right + 14} ${row}h24" ${stroke}/>`,
        text(right + 44, row + 4, name, ''),
      ];
    }),
    '</svg>\n',
  ].join('\n');
}

interface Axis {
  readonly ticks: readonly number[];
  /** Of a value, from 0 to 1. */
  readonly place: (value: number) => number;
}

/** From the first to the last of 1, 2, 5, 10, … that are around all values. */
function axis(values: readonly number[]): Axis {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const steps = Array.from(
    { length: 40 },
    (_, i) => ([1, 2, 5][i % 3] ?? 1) * 10 ** (Math.floor(i / 3) - 4),
  );
  const first = steps.findLast((step) => step <= least) ?? least;
  const last = steps.find((step) => step >= most && step > first) ?? most;
  const ticks = steps.filter((step) => step >= first && step <= last);
  const range = Math.log(last / first);
  return { ticks, place: (value) => Math.log(value / first) / range };
}

function text(x: number | string, y: number, words: string, style: string): string {
  return `<text x="${x}" y="${y}" ${style}>${escaped(words)}</text>`;
}

function escaped(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
