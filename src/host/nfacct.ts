/** Finds out whether the kernel supports nfacct counters, without changing it. */

import type { Diagnostic } from '../diagnostics.js';
import { goodOutput, type Host } from './host.js';
import { kernelModules } from './modules.js';

/** The answer, and a diagnostic where it is a guess. */
export interface NfacctSupport {
  readonly supported: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

/** The modules of the kernel: the counters, and the match that names them in a rule. */
const MODULES: readonly string[] = ['nfnetlink_acct', 'xt_nfacct'];

/**
 * Whether rules may name nfacct counters. kube-proxy creates its counters over netlink and leaves
 * the rules out if that fails; vipc only asks, so `nfacct list` answering means yes. Without the
 * tool, or without the right to use it, the kernel's list of modules gives a guess, and a kernel
 * that has none is taken not to support it: rules without counters load everywhere.
 */
export async function nfacctSupport(host: Host): Promise<NfacctSupport> {
  const result = await host.run({ command: 'nfacct', args: ['list'] });
  if (goodOutput(result) !== undefined) return { supported: true, diagnostics: [] };
  const supported = MODULES.every((await kernelModules(host)).has);
  const reason =
    result.kind === 'exited'
      ? `nfacct list says ${JSON.stringify(result.stderr.trim())}`
      : 'the program nfacct does not answer';
  const diagnostic: Diagnostic = {
    code: 'host-nfacct-guessed',
    severity: 'note',
    message: `${reason}, so nfacct: ${supported} is read from the kernel's modules`,
    hint: 'run as root with the program nfacct installed to be sure',
  };
  return { supported, diagnostics: [diagnostic] };
}
