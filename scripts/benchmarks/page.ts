/**
 * `scripts/bench report`: `vipc report` as a process of its own beside reading its input alone, and
 * its page in Chromium: until the table is there, and from a key of a search to its rows.
 */

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openBrowser } from '../../test/support/report/browser.js';
import { PROGRAM, requireProgram } from './cells.js';
import { listJson } from './cluster.js';
import { spread, table } from './report.js';

export interface PageBenchOptions {
  readonly sizes: readonly number[];
  readonly endpoints: number;
  readonly runs: number;
}

const READING = 'JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8"))';
const run = promisify(execFile);

/** Prints a table; times in milliseconds. */
export async function benchPage({ sizes, endpoints, runs }: PageBenchOptions): Promise<void> {
  requireProgram();
  const folder = mkdtempSync(join(tmpdir(), 'vipc-bench-'));
  const rows = [['Services', 'reading', 'report', 'page, MB', 'table there', 'search', 'open one']];
  try {
    for (const services of sizes) rows.push(await rowOf({ services, endpoints }, runs, folder));
  } finally {
    rmSync(folder, { recursive: true });
  }
  console.log(table(rows));
}

async function rowOf(
  size: Parameters<typeof listJson>[0],
  runs: number,
  folder: string,
): Promise<string[]> {
  const objects = join(folder, 'objects.json');
  const page = join(folder, 'report.html');
  writeFileSync(objects, listJson(size));
  const times: Record<'reading' | 'report' | 'load' | 'search' | 'open', number[]> = {
    ...{ reading: [], report: [], load: [], search: [], open: [] },
  };
  for (let i = 0; i < runs; i++) {
    times.reading.push(await timed(() => run(process.execPath, ['-e', READING, objects])));
    const args = [PROGRAM, 'report', '-f', objects, '--node-name', 'node-1', '--out', page];
    times.report.push(await timed(() => run(process.execPath, args)));
    await benchBrowser(page, times);
  }
  return [
    String(size.services),
    ...[times.reading, times.report].map((one) => spread(one, 0)),
    (statSync(page).size / 1e6).toFixed(1),
    ...[times.load, times.search, times.open].map((one) => spread(one, 0)),
  ];
}

async function benchBrowser(
  path: string,
  times: Record<'load' | 'search' | 'open', number[]>,
): Promise<void> {
  const browser = await openBrowser();
  try {
    const page = await browser.open('about:blank');
    const before = performance.now();
    // The table does not wait for the details, so neither does this.
    await page.goto(`file://${path}`, { waitUntil: 'commit' });
    await page.locator('.services tbody a').first().waitFor();
    times.load.push(performance.now() - before);
    times.search.push(await timed(() => page.locator('#search').fill('svc-00042')));
    times.open.push(
      await timed(async () => {
        await page.keyboard.press('Enter');
        await page.locator('.matrix').waitFor();
      }),
    );
  } finally {
    await browser.close();
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
