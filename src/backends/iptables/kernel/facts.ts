/** The facts of the machine that rules are loaded into. */

import type { HostFacts } from '../../../config/types.js';
import type { Diagnostic } from '../../../diagnostics.js';
import { collectFacts } from '../../../host/facts.js';
import { goodOutput, type Host } from '../../../host/host.js';
import type { ReadOptions } from '../../kernel.js';
import { readKernel } from './read.js';

/** One of the objects that kube-proxy makes together. */
const COUNTED = '--nfacct-name ct_state_invalid_dropped_pkts';

/**
 * The facts, with `nfacct` true only where rules that count will load: a rule that names an object that is not there
 * is refused. vipc makes the objects with the program nfacct; without it they are there where a rule in the kernel
 * already names them, as on a node that is taken over from kube-proxy.
 */
export async function machineFacts(
  host: Host,
  options: ReadOptions,
): Promise<{ readonly facts: HostFacts; readonly diagnostics: readonly Diagnostic[] }> {
  const { facts, diagnostics } = await collectFacts(host);
  const others = diagnostics.filter(({ code }) => code !== 'host-nfacct-guessed');
  if (goodOutput(await host.run({ command: 'nfacct', args: ['list'] })) !== undefined)
    return { facts: { ...facts, nfacct: true }, diagnostics: others };
  const { rawText } = await readKernel(host, 'IPv4', { ...options, tables: ['filter'] });
  const nfacct = /--nfacct-name +ct_state_invalid_dropped_pkts/.test(rawText);
  const note: Diagnostic = {
    code: 'nfacct-unavailable',
    severity: 'note',
    message: nfacct
      ? `the program nfacct does not answer; the kernel has rules with ${COUNTED}, so its objects are there`
      : 'the program nfacct does not answer: the rules do not count what kube-proxy counts',
    ...(nfacct ? {} : { hint: 'install nfacct' }),
  };
  return { facts: { ...facts, nfacct }, diagnostics: [...others, note] };
}
