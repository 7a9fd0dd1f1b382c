/**
 * What a test that talks to the kernel needs from the machine, and what happens where it is
 * missing.
 */

import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { skipMissing } from '../skip-missing.js';

/**
 * The directories where commands are looked for: PATH, and the sbin directories that a plain PATH
 * leaves out.
 */
export const TOOL_PATH: string = [
  ...new Set([
    ...(process.env.PATH ?? '').split(delimiter),
    '/usr/local/sbin',
    '/usr/sbin',
    '/sbin',
  ]),
].join(delimiter);

/** What is missing without these tools, which does not change while tests run. */
const known = new Map<string, string>();

/**
 * Lets the calling hook go on only where the machine can make network namespaces and has all the
 * tools. Elsewhere the tests of the suite are skipped and the reason is printed once; where CI is
 * set the hook fails instead, so that a green CI run has really asked the kernel.
 */
export function requireKernel(context: Mocha.Context, tools: readonly string[]): void {
  const missing = whatIsMissing(tools);
  if (missing !== '') skipMissing(context, `kernel tests need ${missing}`);
}

/** What keeps kernel tests from running here, in words; `''` when nothing does. */
export function whatIsMissing(tools: readonly string[]): string {
  const key = tools.join(' ');
  const missing = known.get(key) ?? look(tools);
  known.set(key, missing);
  return missing;
}

function look(tools: readonly string[]): string {
  if (process.platform !== 'linux') return `Linux, and this is ${process.platform}`;
  if (process.getuid?.() !== 0) return 'root';
  const absent = ['ip', 'unshare', 'nsenter', ...tools].filter((tool) => !isInstalled(tool));
  if (absent.length > 0) return absent.join(', ');
  return canUnshare() ? '' : 'permission to make network namespaces (CAP_SYS_ADMIN)';
}

function isInstalled(tool: string): boolean {
  return TOOL_PATH.split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, tool), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function canUnshare(): boolean {
  try {
    execFileSync('unshare', ['-n', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
