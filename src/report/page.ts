/** The page of a report: one file that loads nothing else. */

import { deflateRawSync } from 'node:zlib';
import { ASSETS, page } from './precompiled.js';
import type { ShownService } from './service.js';
import type { ReportHead, ServiceRow } from './types.js';

/** How many Services are compressed together: the page reads one part to show one of them. */
const PART_SIZE = 64;

/** What the page says of the whole. */
export type ReportSummary = Omit<ReportHead, 'partSize' | 'services'>;

/** A report whose page holds everything, with the Services in their order. */
export function reportPage(summary: ReportSummary, services: Iterable<ShownService>): string {
  const rows: ServiceRow[] = [];
  const parts: string[] = [];
  let texts: string[] = [];
  const flush = (): void => {
    if (texts.length > 0) parts.push(packed(`[${texts.join(',')}]`));
    texts = [];
  };
  for (const { row, detail } of services) {
    rows.push(row);
    texts.push(safeJson(detail));
    if (texts.length === PART_SIZE) flush();
  }
  flush();
  const head: ReportHead = { ...summary, services: rows, partSize: PART_SIZE };
  return pageText(summary.title, safeJson(head), "'none'", parts);
}

/**
 * A report whose page asks its server for the details, at `service?name=shop%2Fweb`. Each row is
 * {@link safeJson} of a {@link ServiceRow}, which may be kept from one page to the next.
 */
export function servedPage(summary: ReportSummary, rows: readonly string[]): string {
  const head = safeJson({ ...summary, partSize: 0 }).replace(/\}$/, `,"services":[`);
  return pageText(summary.title, `${head}${rows.join(',')}]}`, "'self'", []);
}

function pageText(title: string, head: string, connect: string, parts: readonly string[]): string {
  return page({ ...ASSETS, connect, title, head, parts });
}

/** Raw deflate, as base64. */
function packed(text: string): string {
  return deflateRawSync(text, { level: 5 }).toString('base64');
}

/** Whether JSON may have what {@link safeJson} replaces: ten times as quick as its pattern. */
const MAYBE_HIDING = /[<\u007f-\uffff]|\\[\\u]/;

/**
 * JSON that can stand in a script element, and whose texts hide nothing: control and format
 * characters, such as those that turn the direction of text, become `\u202e`, as in a terminal.
 */
export function safeJson(value: unknown): string {
  const text = JSON.stringify(value);
  if (!MAYBE_HIDING.test(text)) return text;
  return text.replace(
    // An escaped backslash comes first, so that what follows it is not taken for an escape.
    /\\\\|\\u00[01][0-9a-f]|[<\p{Cf}\u007f-\u009f\u2028\u2029]/gu,
    (found) => {
      if (found === '\\\\') return found;
      if (found === '<') return '\\u003c';
      if (found.startsWith('\\')) return `\\${found}`;
      return [...found]
        .map((c) => `\\\\u${(c.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`)
        .join('');
    },
  );
}
