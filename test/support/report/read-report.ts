/** Reads the page of a report back, as its script does. */

import { inflateRawSync } from 'node:zlib';
import type { ReportHead, ServiceDetail } from '../../../src/report/types.js';

export interface ReadReport {
  readonly head: ReportHead;
  readonly details: readonly ServiceDetail[];
}

/** What a page holds. */
export function readReport(page: string): ReadReport {
  const [, head = '{}'] =
    /<script type="application\/json" id="head">(.*?)<\/script>/s.exec(page) ?? [];
  const parts = [...page.matchAll(/<script type="text\/plain" class="part">(.*?)<\/script>/gs)];
  return {
    head: JSON.parse(head),
    details: parts.flatMap(([, text = '']) =>
      JSON.parse(inflateRawSync(Buffer.from(text, 'base64')).toString()),
    ),
  };
}
