/** Writes line plots as SVG, with logarithmic axes. */

/** One line. */
export interface Line {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Measured on another day or by others. */
  readonly dashed?: boolean;
}

/** One pair of axes. */
export interface Panel {
  /** Absent where it is the only one. */
  readonly title?: string;
  readonly lines: readonly Line[];
}

interface Plot {
  readonly title: string;
  /** Machine and day. */
  readonly caption: string;
  readonly x: string;
  readonly y: string;
  /** Side by side, on the same scales. Lines of one name have one colour. */
  readonly panels: readonly Panel[];
}

const WIDTH = 760;
const LEFT = 70;
const TOP = 44;
const BOTTOM = 350;
const RIGHT = 20;
const GAP = 36;
/** The legend is beside one panel, and below several. */
const LEGEND_WIDTH = 240;
const LEGEND_ROW = 20;
/** Room for the label of a tick. */
const LABEL_WIDTH = 50;
/** Distinct for people who see no red or no green, too, on white and on nearly black. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'];

const STYLE = `<style>
.ground { fill: #ffffff } .words { fill: #1f1f1f } .small { fill: #555555 } .grid { stroke: #dddddd }
@media (prefers-color-scheme: dark) {
.ground { fill: #16181c } .words { fill: #e6e6e6 } .small { fill: #a8a8a8 } .grid { stroke: #3a3d42 }
}
</style>`;

/** The plot as a document. Values are positive. */
export function plotSvg({ title, caption, x, y, panels }: Plot): string {
  const all = panels.flatMap(({ lines }) => lines);
  const axes: Axes = {
    across: axis(all.flatMap(({ points }) => points.map(([value]) => value))),
    up: axis(all.flatMap(({ points }) => points.map(([, value]) => value))),
  };
  const legend = [...new Map(all.map((line) => [line.name, line])).values()];
  const strokes = new Map(legend.map((line, i) => [line.name, strokeOf(line, i)]));
  const isAlone = panels.length === 1;
  const right = WIDTH - RIGHT - (isAlone ? LEGEND_WIDTH : 0);
  const width = (right - LEFT - GAP * (panels.length - 1)) / panels.length;
  const row = (i: number): readonly [left: number, top: number] =>
    isAlone ? [right + 14, TOP + 10 + i * LEGEND_ROW] : [LEFT, BOTTOM + 62 + i * LEGEND_ROW];
  const height = BOTTOM + (isAlone ? 70 : 80 + legend.length * LEGEND_ROW);
  const middle = (TOP + BOTTOM) / 2;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">`,
    STYLE,
    `<rect width="${WIDTH}" height="${height}" class="ground"/>`,
    text(LEFT, 24, title, 'font-size="15" font-weight="bold"'),
    ...panels.flatMap((panel, i) =>
      drawn(panel, { left: LEFT + i * (width + GAP), width }, axes, strokes),
    ),
    ...axes.up.ticks.map((tick) => text(LEFT - 8, topOf(axes, tick) + 4, words(tick), END)),
    text((LEFT + right) / 2, BOTTOM + 40, x, MIDDLE),
    text(18, middle, y, `${MIDDLE} transform="rotate(-90 18 ${middle})"`),
    ...legend.flatMap(({ name }, i) => {
      const [left, top] = row(i);
      return [
        `<path d="M${left} ${top}h24" fill="none" ${strokes.get(name)}/>`,
        text(left + 30, top + 4, name, ''),
      ];
    }),
    text(LEFT, height - 10, caption, 'font-size="11"', 'small'),
    '</svg>\n',
  ].join('\n');
}

const MIDDLE = 'text-anchor="middle"';
const END = 'text-anchor="end"';

interface Axes {
  readonly across: Axis;
  readonly up: Axis;
}

function strokeOf({ dashed = false }: Line, i: number): string {
  return dashed
    ? 'stroke="#808080" stroke-width="2" stroke-dasharray="6 4"'
    : `stroke="${COLOURS[i % COLOURS.length]}" stroke-width="2"`;
}

/** The grid of a panel, and its lines. */
function drawn(
  { title, lines }: Panel,
  { left, width }: { readonly left: number; readonly width: number },
  axes: Axes,
  strokes: ReadonlyMap<string, string>,
): readonly string[] {
  const { across, up } = axes;
  const px = (value: number): number => tenth(left + across.place(value) * width);
  const isNarrow = width < across.ticks.length * LABEL_WIDTH;
  return [
    ...across.ticks.map((tick) => `<path d="M${px(tick)} ${TOP}V${BOTTOM}" class="grid"/>`),
    ...across.ticks
      .filter((tick) => !isNarrow || Number.isInteger(Math.log10(tick)))
      .map((tick) => text(px(tick), BOTTOM + 18, words(tick), MIDDLE)),
    ...up.ticks.map((tick) => `<path d="M${left} ${topOf(axes, tick)}h${width}" class="grid"/>`),
    ...(title === undefined ? [] : [text(left + 8, TOP + 18, title, 'font-weight="bold"')]),
    ...lines.flatMap(({ name, points }) => {
      const places = points.map(([a, b]) => [px(a), topOf(axes, b)] as const);
      const path = `M${places.map(([a, b]) => `${a} ${b}`).join('L')}`;
      const dots = places.map(([a, b]) => `M${a} ${b}h0`).join('');
      const [colour = ''] = (strokes.get(name) ?? '').split(' ');
      return [
        `<path d="${path}" fill="none" ${strokes.get(name)}/>`,
        `<path d="${dots}" ${colour} stroke-width="6" stroke-linecap="round"/>`,
      ];
    }),
  ];
}

function topOf({ up }: Axes, value: number): number {
  return tenth(BOTTOM - up.place(value) * (BOTTOM - TOP));
}

function tenth(value: number): number {
  return Number(value.toFixed(1));
}

function words(value: number): string {
  return value.toLocaleString('en');
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

function text(
  x: number,
  y: number,
  said: string,
  style: string,
  kind: 'words' | 'small' = 'words',
): string {
  return `<text x="${x}" y="${y}" class="${kind}" ${style}>${escaped(said)}</text>`;
}

function escaped(said: string): string {
  return said.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
