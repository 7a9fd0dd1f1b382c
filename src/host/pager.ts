/** Shows long text in the pager that a person has chosen, by the rules of git. */

import { spawn } from 'node:child_process';

type Environment = Readonly<Record<string, string | undefined>>;

/** What `VIPC_PAGER` says, else `PAGER`, else less; `''` for none: an empty value, or cat. */
export function pagerCommand({ VIPC_PAGER, PAGER }: Environment): string {
  const command = VIPC_PAGER ?? PAGER ?? 'less';
  return command === 'cat' ? '' : command;
}

/** Whether text does not fit into a window of so many rows and columns. */
export function isLong(text: string, rows: number, columns: number): boolean {
  let used = 0;
  for (let from = 0; from < text.length; ) {
    const end = text.indexOf('\n', from);
    const to = end < 0 ? text.length : end;
    used += Math.max(1, Math.ceil((to - from) / columns));
    // The last row is for the prompt.
    if (used >= rows) return true;
    from = to + 1;
  }
  return false;
}

/** Exit codes of a shell that cannot run a command: 127 not found, 126 no program. */
const NOT_RUN = [126, 127];

/**
 * Runs the command with the text as its input until it ends; `false` where it cannot be run. less
 * ends by itself where the text fits, keeps colours, and leaves the text on the screen (`FRX`),
 * unless `LESS` says otherwise.
 */
export function showInPager(
  text: string,
  command: string,
  environment: Environment,
): Promise<boolean> {
  return new Promise((resolve) => {
    const { LESS = 'FRX', LV = '-c' } = environment;
    const pager = spawn('/bin/sh', ['-c', command], {
      env: { ...environment, LESS, LV },
      stdio: ['pipe', 'inherit', 'inherit'],
    });
    // Ctrl-C is the pager's while it runs.
    const ignore = (): void => {};
    process.on('SIGINT', ignore);
    const end = (isShown: boolean): void => {
      process.off('SIGINT', ignore);
      resolve(isShown);
    };
    pager.on('error', () => end(false));
    pager.on('close', (code) => end(!NOT_RUN.includes(code ?? 0)));
    // A reader that leaves before the end has seen enough.
    pager.stdin.on('error', () => {});
    pager.stdin.end(text);
  });
}
