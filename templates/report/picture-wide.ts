/** The picture from left to right: addresses, decisions, endpoints. */

import type { BoxContent, PictureContent } from './picture-content.js';
import {
  type Box,
  BRANCH_GAP,
  boxHeight,
  GAP,
  joined,
  type Line,
  middleOf,
  type Picture,
  TIP,
} from './picture-shapes.js';

const WIDTH = 1000;
/** Left edge and width of each column. */
const ADDRESSES = { x: 0, width: 236 };
const DECISIONS = { x: 488, width: 182 };
const ENDPOINTS = { x: 764, width: 236 };

/** The picture for windows that are wide enough, and for paper. */
export function widePicture(content: PictureContent): Picture {
  const { addresses, decisions, endpoints, branches } = content;
  const leaving = ({ id }: BoxContent): number => branches.filter(({ from }) => from === id).length;
  const columns = [
    addresses.map((box) => {
      const height = Math.max(boxHeight(box.lines), leaving(box) * BRANCH_GAP + 8);
      return { ...box, ...ADDRESSES, height };
    }),
    decisions.map((box) => ({ ...box, ...DECISIONS, height: boxHeight(box.lines) })),
    endpoints.map((box) => ({ ...box, ...ENDPOINTS, height: boxHeight(box.lines) })),
  ];
  const height = columns.map(heightOf).reduce((a, b) => Math.max(a, b), 60) + 2;
  const boxes = columns.flatMap((column) => placed(column, height));
  return {
    ...{ width: WIDTH, height, boxes },
    lines: [...branchLines(content, boxes), ...shareLines(content, boxes)],
  };
}

type Draft = Omit<Box, 'top'>;

function heightOf(column: readonly Draft[]): number {
  return column.reduce((sum, { height }) => sum + height + GAP, -GAP);
}

function placed(column: readonly Draft[], height: number): readonly Box[] {
  let next = (height - heightOf(column)) / 2;
  return column.map((draft) => {
    const top = next;
    next += draft.height + GAP;
    return { ...draft, top };
  });
}

/** They leave a box one below the other, and meet in the middle of the next. */
function branchLines({ branches }: PictureContent, boxes: readonly Box[]): readonly Line[] {
  return joined(branches, boxes).map(({ link, from, to }) => {
    const together = branches.filter((other) => other.from === link.from);
    const n = together.indexOf(link) - (together.length - 1) / 2;
    const [x, y] = [from.x + from.width, middleOf(from) + n * BRANCH_GAP];
    const path = curve([x, y], [to.x, middleOf(to)], x + 168, to.x - TIP);
    return {
      ...{ ...link, path, tip: [to.x, middleOf(to)], toLeft: false },
      ...{ labelAt: [x + 8, y - 5], anchor: 'start' },
    };
  });
}

/** They leave the middle of a box, and reach the next one below the other. */
function shareLines({ shares }: PictureContent, boxes: readonly Box[]): readonly Line[] {
  return joined(shares, boxes).map(({ link, from, to, y }) => {
    const x = from.x + from.width;
    const path = curve([x, middleOf(from)], [to.x, y], x, to.x - TIP - 38);
    return {
      ...{ ...link, path, tip: [to.x, y], toLeft: false },
      ...{ labelAt: [to.x - TIP - 3, y - 5], anchor: 'end' },
    };
  });
}

/** Level where the label is, and bent between these two places. */
function curve(
  [x1, y1]: readonly [number, number],
  [x2, y2]: readonly [number, number],
  bendFrom: number,
  bendTo: number,
): string {
  const middle = (bendFrom + bendTo) / 2;
  return `M${x1} ${y1}H${bendFrom}C${middle} ${y1} ${middle} ${y2} ${bendTo} ${y2}H${x2 - TIP}`;
}
