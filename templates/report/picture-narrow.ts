/** The picture from top to bottom, for windows in which it does not fit from left to right. */

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

const WIDTH = 340;
/** From one level line beside the boxes to the next, and from the last to the boxes. */
const LANE = 11;
const BESIDE = 16;
/** What the share of an endpoint needs. */
const SHARE_WIDTH = 50;
/** Where the lines of an address begin, and their labels. */
const STEM = 12;
const LABEL = 20;

/** The picture for telephones: lines go down beside the boxes, one lane for each decision. */
export function narrowPicture(content: PictureContent): Picture {
  const { addresses, decisions, endpoints, branches, shares } = content;
  const entered = new Map(decisions.map(({ id }, i) => [id, i]));
  const left = new Map([...new Set(shares.map(({ from }) => from))].map((id, i) => [id, i]));
  const right = WIDTH - BESIDE - LANE * Math.max(0, entered.size - 1);
  const indent = left.size === 0 ? 0 : BESIDE + LANE * (left.size - 1);
  const leaving = ({ id }: BoxContent): number => branches.filter(({ from }) => from === id).length;
  let next = 0;
  const placed = (box: BoxContent, x: number, end: number, below: number): Box => {
    const top = next;
    const height = boxHeight(box.lines);
    next += height + below * BRANCH_GAP + GAP;
    return { ...box, x, width: end - x, top, height };
  };
  const boxes = [
    ...addresses.map((box) => placed(box, 0, right, leaving(box))),
    ...decisions.map((box) => placed(box, indent, right, 0)),
    ...endpoints.map((box) => placed(box, indent + SHARE_WIDTH, WIDTH, 0)),
  ];
  return {
    ...{ width: WIDTH, height: next - GAP, boxes },
    lines: [
      ...branchLines(content, boxes, (id) => right + BESIDE / 2 + LANE * (entered.get(id) ?? 0)),
      ...shareLines(content, boxes, (id) => indent - BESIDE / 2 - LANE * (left.get(id) ?? 0)),
    ],
  };
}

/** From below an address to the right, down, and from the right into the decision. */
function branchLines(
  { branches }: PictureContent,
  boxes: readonly Box[],
  lane: (decision: string) => number,
): readonly Line[] {
  return joined(branches, boxes).map(({ link, from, to }) => {
    const together = branches.filter((other) => other.from === link.from);
    const bottom = from.top + from.height;
    const y = bottom + (together.indexOf(link) + 1) * BRANCH_GAP - 2;
    const end = to.x + to.width;
    const path = `M${STEM} ${bottom}V${y}H${lane(link.to)}V${middleOf(to)}H${end + TIP}`;
    return {
      ...{ ...link, path, tip: [end, middleOf(to)], toLeft: true },
      ...{ labelAt: [LABEL, y - 5], anchor: 'start' },
    };
  });
}

/** From the left of a decision down, and from the left into the endpoint. */
function shareLines(
  { shares }: PictureContent,
  boxes: readonly Box[],
  lane: (decision: string) => number,
): readonly Line[] {
  return joined(shares, boxes).map(({ link, from, to, y }) => {
    const path = `M${from.x} ${middleOf(from)}H${lane(link.from)}V${y}H${to.x - TIP}`;
    return {
      ...{ ...link, path, tip: [to.x, y], toLeft: false },
      ...{ labelAt: [to.x - TIP - 3, y - 5], anchor: 'end' },
    };
  });
}
