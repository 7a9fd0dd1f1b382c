/** A browser for tests of pages, which reaches nothing and says what went wrong. */

import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { skipMissing } from '../skip-missing.js';

const PROGRAM = '/usr/bin/chromium';

/** Of Chromium: no rights that it cannot have as root, and nothing that it does by itself. */
const FLAGS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
  ...['--disable-background-networking', '--disable-component-update'],
];

/** A running browser. */
export interface TestBrowser {
  /** Errors of the console and of scripts, since the last look. */
  readonly errors: () => readonly string[];
  /** Addresses that a page asked for over a network, since the last look. */
  readonly requests: () => readonly string[];
  readonly open: (address: string) => Promise<Page>;
  readonly close: () => Promise<void>;
}

/**
 * Lets the calling hook go on only where there is a browser. Elsewhere the suite is skipped; where
 * CI is set the hook fails instead.
 */
export function requireBrowser(context: Mocha.Context): void {
  try {
    accessSync(PROGRAM, constants.X_OK);
  } catch {
    skipMissing(context, `tests of pages need ${PROGRAM} (apt-get install chromium)`);
  }
}

/** Starts the browser with a profile of its own. */
export async function openBrowser(): Promise<TestBrowser> {
  const profile = mkdtempSync(join(tmpdir(), 'vipc-browser-'));
  const context: BrowserContext = await chromium.launchPersistentContext(profile, {
    ...{ executablePath: PROGRAM, args: FLAGS, headless: true },
    viewport: { width: 1280, height: 800 },
  });
  const errors: string[] = [];
  const requests: string[] = [];
  return {
    errors: () => errors.splice(0),
    requests: () => requests.splice(0),
    open: async (address) => {
      const page = await context.newPage();
      page.on('console', (message) => {
        if (message.type() === 'error') errors.push(message.text());
      });
      page.on('pageerror', (error) => errors.push(error.message));
      page.on('request', (request) => {
        if (!/^(?:file|data|blob):/.test(request.url())) requests.push(request.url());
      });
      await page.goto(address);
      return page;
    },
    close: async () => {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
