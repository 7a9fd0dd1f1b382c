/** The shapes of which a picture is drawn. */

import type { BoxContent, Link } from './picture-content.js';

/** A box at its place. */
export interface Box extends BoxContent {
  readonly x: number;
  readonly width: number;
  readonly top: number;
  readonly height: number;
}

/** A line at its place: a path of SVG, the point of its arrow, and where its label stands. */
export interface Line extends Link {
  readonly path: string;
  readonly tip: readonly [x: number, y: number];
  readonly toLeft: boolean;
  readonly labelAt: readonly [x: number, y: number];
  readonly anchor: 'start' | 'end';
}

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Box[];
  readonly lines: readonly Line[];
}

/** From one line of text to the next. */
export const LINE_HEIGHT = 17;
/** From one box to the next. */
export const GAP = 14;
/** From one line that leaves a box to the next. */
export const BRANCH_GAP = 22;
/** From one line that reaches a box to the next. */
const SHARE_GAP = 20;
/** What an arrow covers of its line. */
export const TIP = 7;

/** The height that the text of a box needs. */
export function boxHeight(lines: readonly string[]): number {
  return lines.length * LINE_HEIGHT + 14;
}

/** The middle of a box. */
export function middleOf({ top, height }: Box): number {
  return top + height / 2;
}

/** Lines with their boxes, and the height at which each reaches the second one. */
export function joined(
  links: readonly Link[],
  boxes: readonly Box[],
): readonly { readonly link: Link; readonly from: Box; readonly to: Box; readonly y: number }[] {
  const at = new Map(boxes.map((box) => [box.id, box]));
  return links.flatMap((link) => {
    const from = at.get(link.from);
    const to = at.get(link.to);
    if (from === undefined || to === undefined) return [];
    const together = links.filter((other) => other.to === link.to);
    const y = middleOf(to) + (together.indexOf(link) - (together.length - 1) / 2) * SHARE_GAP;
    return [{ link, from, to, y }];
  });
}
