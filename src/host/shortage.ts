/** Errors of a machine that has nothing left of something, where a later attempt may succeed. */

/** Of file descriptors (process, machine), processes or memory. */
const CODES: readonly unknown[] = ['EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM'];

export const SHORTAGE_HINT =
  'raise the limits of this process or machine (ulimit -n, LimitNOFILE=, fs.file-max, pids.max)';

/** Whether an error says so; the errors of Node.js and of execa have such codes. */
export function isShortage(error: unknown): boolean {
  return error instanceof Object && 'code' in error && CODES.includes(error.code);
}
