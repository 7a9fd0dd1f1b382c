/** The mark that asks for masquerading, and others who use the same bit of it. */

import { type Program, programChains } from '../../netfilter/program.js';
import type { Rule } from '../../netfilter/rule.js';
import type { CheckGroup, LintInput } from '../input.js';
import { finding, inFile, type LintFinding, type LintRule } from '../rule.js';

const OVERLAP: LintRule = {
  code: 'fwmark-overlap',
  severity: 'warning',
  title: 'The masquerade mark is used by other rules or by policy routing',
  why: 'kube-proxy marks packets that are to be masqueraded with one bit, 0x4000 unless masqueradeBit says otherwise. If another program sets the bit, its packets are masqueraded too, which breaks tunnels: wg-quick marks its packets with 0xca6c, in which the bit is set. If a rule or policy routing of another program matches the bit, it applies to packets of Services as well.',
  remedy: 'give one of the two another bit: iptables.masqueradeBit, or nftables.masqueradeBit',
  references: [
    ['ip-rule(8), fwmark', 'https://man7.org/linux/man-pages/man8/ip-rule.8.html'],
    ['wg-quick(8), FwMark', 'https://man7.org/linux/man-pages/man8/wg-quick.8.html'],
  ],
};

/** What a rule does with a bit of the mark, in words. */
function useOf({ statements }: Rule, bit: number): string | undefined {
  for (const statement of statements) {
    if (statement.kind === 'set-mark' && (statement.value & bit) !== 0) return 'sets';
    if (statement.kind === 'mark' && (statement.value & statement.mask & bit) !== 0)
      return 'asks for';
  }
  return undefined;
}

/** Chains of kube-proxy, kubelet and vipc have the bit by right. */
function isOurs(table: string, chain: string): boolean {
  return chain.startsWith('KUBE-') || / kube-proxy$/.test(table);
}

function inRules(programs: readonly Program[], bit: number, file: string): readonly LintFinding[] {
  return programs.flatMap((program) =>
    [...programChains(program)]
      .filter(({ table, name }) => !isOurs(table, name))
      .flatMap(({ table, name, rules }) =>
        rules.flatMap((rule) => {
          const use = useOf(rule, bit);
          if (use === undefined) return [];
          const message = `a rule of ${table} ${name} ${use} the bit ${hex(bit)}: ${rule.line}`;
          return [finding(OVERLAP, message, inFile(file))];
        }),
      ),
  );
}

function inRouting({ host, files }: LintInput, bit: number): readonly LintFinding[] {
  return (host?.routingMarks ?? []).flatMap(({ mark, mask, rule }, i) => {
    if ((Number(mark) & Number(mask) & bit) === 0) return [];
    const message = `policy routing matches the bit ${hex(bit)}: ${rule}`;
    return [finding(OVERLAP, message, inFile(files.host, `routingMarks[${i}]`))];
  });
}

function hex(bit: number): string {
  return `0x${(bit >>> 0).toString(16)}`;
}

/** Checks of the mark. */
export const MARK_CHECKS: CheckGroup = {
  rules: [OVERLAP],
  check: (input) => {
    const { config, mode, programs, files } = input;
    const bit = 1 << config[mode].masqueradeBit;
    return [...inRules(programs, bit, files.rules ?? ''), ...inRouting(input, bit)];
  },
};
