/**
 * An API server that is found when it is first asked: a machine that boots may not know yet how to
 * reach it.
 */

import type { Api } from './api.js';

/**
 * The Api that `open` gives. What `open` rejects with is the answer to whoever asked; the next one
 * who asks tries again.
 */
export function lazyApi(open: () => Promise<Api>): Api {
  let opened: Promise<Api> | undefined;
  const api = (): Promise<Api> => {
    opened ??= open().catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
  return {
    get: async (...asked) => (await api()).get(...asked),
    post: async (...asked) => (await api()).post(...asked),
    watch: async (...asked) => (await api()).watch(...asked),
    close: () => {
      void opened?.then(
        (found) => found.close(),
        () => {},
      );
    },
  };
}
