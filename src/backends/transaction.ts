/** The input for a kernel: one or more transactions. */

/**
 * One run of the tool. nft carries it out as a whole or not at all, iptables-restore table by
 * table.
 */
export interface Transaction {
  /**
   * `change`: everything, but for what other transactions do. `fill`: what no packet meets yet, a
   * part of a large table or chains that a change is to lead to. `hook`: the base chains that send
   * packets to a large table. `delete`: what nothing refers to any more, on kernels that count
   * references late.
   */
  readonly purpose: 'change' | 'fill' | 'hook' | 'delete';
  /** The tool's standard input. */
  readonly text: string;
}

/** The transactions that carry out a plan, in order; empty where there is nothing to do. */
export type LoadInput = readonly Transaction[];

/** A single transaction; none for `''`. */
export function oneTransaction(text: string): LoadInput {
  return text === '' ? [] : [{ purpose: 'change', text }];
}

/** The input as one text, to be shown or kept. A person may load it in one run. */
export function inputText(input: LoadInput): string {
  return input.map(({ text }) => text).join('# the next transaction\n');
}
