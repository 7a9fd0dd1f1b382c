/**
 * What rules may name: an nfacct object or a match that is not there makes the kernel refuse the
 * rule.
 */

import { expect } from 'chai';
import { machineFacts } from '../../../../src/backends/iptables/kernel/driver.js';
import type { CommandResult } from '../../../../src/host/host.js';
import { MemoryHost } from '../../../support/kernels/memory-host.js';

const INVALID =
  '-A KUBE-FORWARD -m conntrack --ctstate INVALID -m nfacct --nfacct-name  ct_state_invalid_dropped_pkts -j DROP\n';
const LOCALHOST =
  '-A KUBE-NODEPORTS -d 127.0.0.0/8 -m nfacct --nfacct-name  localhost_nps_accepted_pkts -j KUBE-EXT-X\n';

/** A machine whose tables hold these rules. */
function machine(
  rules: Readonly<Record<string, string>>,
  hasNfacct = false,
  files: Readonly<Record<string, string>> = {},
): MemoryHost {
  const exited = (stdout: string): CommandResult => ({
    ...{ kind: 'exited', code: 0, stdout, stderr: '' },
  });
  return new MemoryHost({
    kernel: '6.1.0',
    files: { '/proc/net/ip_tables_names': '', ...files },
    answer: ({ command, args: [first = '', table = ''] }) => {
      if (command === 'nfacct') return hasNfacct ? exited('') : undefined;
      if (!command.startsWith('iptables')) return undefined;
      if (first === '--version') return exited('iptables v1.8.9 (nf_tables)\n');
      const chains = ':KUBE-FORWARD - [0:0]\n:KUBE-NODEPORTS - [0:0]\n:KUBE-EXT-X - [0:0]\n';
      return exited(`*${table}\n${chains}${rules[table] ?? ''}COMMIT\n`);
    },
  });
}

describe('backends/iptables/kernel/facts', () => {
  it('has every counter where the program nfacct can make them', async () => {
    const { facts, diagnostics } = await machineFacts(machine({}, true), { layout: 'kube-proxy' });
    expect(facts.nfacct).to.equal(true);
    expect(diagnostics.map(({ code }) => code)).to.not.include('nfacct-unavailable');
  });

  it('knows whether layout fast can be had, where the kernel lists its modules', async () => {
    const folder = '/lib/modules/6.1.0';
    const lists = (dep: string): Readonly<Record<string, string>> => ({
      [`${folder}/modules.builtin`]: 'kernel/net/netfilter/xt_mark.ko\n',
      [`${folder}/modules.dep`]: dep,
    });
    const missing = async (files: Readonly<Record<string, string>>): Promise<unknown> =>
      (await machineFacts(machine({}, true, files), { layout: 'fast' })).facts.missingModules;
    expect(await missing({})).to.equal(undefined);
    expect(await missing(lists('kernel/net/netfilter/xt_bpf.ko: a\n'))).to.deep.equal([]);
    const withoutBpf = lists('kernel/net/netfilter/xt_nat.ko: a\n');
    expect(await missing(withoutBpf)).to.deep.equal(['xt_bpf']);
    const other = await machineFacts(machine({}, true, withoutBpf), { layout: 'kube-proxy' });
    expect(other.facts).to.not.have.property('missingModules');
  });

  const cases: readonly (readonly [string, Readonly<Record<string, string>>, string[], string])[] =
    [
      [
        'none where no rule names one',
        {},
        [],
        'without rules that count ct_state_invalid_dropped_pkts and localhost_nps_accepted_pkts',
      ],
      [
        'one where only its rule is there',
        { filter: INVALID },
        ['ct_state_invalid_dropped_pkts'],
        'without rules that count localhost_nps_accepted_pkts',
      ],
      [
        'the other one alone',
        { nat: LOCALHOST },
        ['localhost_nps_accepted_pkts'],
        'without rules that count ct_state_invalid_dropped_pkts',
      ],
      [
        'both',
        { filter: INVALID, nat: LOCALHOST },
        ['ct_state_invalid_dropped_pkts', 'localhost_nps_accepted_pkts'],
        'rules in the kernel name every counter',
      ],
    ];
  for (const [title, rules, nfacct, effect] of cases)
    it(`without the program: ${title}`, async () => {
      const { facts, diagnostics } = await machineFacts(machine(rules), { layout: 'kube-proxy' });
      expect(facts.nfacct).to.deep.equal(nfacct);
      const note = diagnostics.find(({ code }) => code === 'nfacct-unavailable');
      expect(note?.message).to.include(effect);
    });
});
