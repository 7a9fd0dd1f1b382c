/** Holds a plan that comes from a file to what a plan may do: rules in chains of ours, and jumps to them. */

import { ParseError } from '../../errors.js';
import { changedLines, guardLines, wholeLines } from '../../plan/chain-change.js';
import type { ChainChange, FamilyPlan } from '../../plan/types.js';
import { chainRole, isOwned, withoutComment } from './ownership.js';
import { isKnown, parseRule, type Rule } from './syntax/rule.js';
import { splitWords } from './syntax/words.js';

/** The first thing in a plan that none of ours would contain, in words; `''` for a plan that is fine. */
export function planFault(plan: FamilyPlan): string {
  for (const change of [...plan.changes, ...plan.leftovers]) {
    const fault = changeFault(change);
    if (fault !== '') return `${change.table} ${change.chain}: ${fault}`;
  }
  const stranger = plan.comments.find(({ table, chain }) => chainRole(table, chain) === 'foreign');
  return stranger === undefined ? '' : `${stranger.table} ${stranger.chain} is no chain of ours`;
}

function changeFault(change: ChainChange): string {
  const { table, chain, action } = change;
  const role = chainRole(table, chain);
  if (role === 'foreign') return 'no chain of ours';
  if (role === 'guest' && (action === 'rewrite' || action === 'delete'))
    return `a chain that others fill too cannot take the action ${action}`;
  const written = [...wholeLines(change), ...changedLines(change, 'add')];
  return (
    firstFault(written, (line) => writtenFault(table, chain, line)) ||
    firstFault(changedLines(change, 'remove'), (line) =>
      role === 'guest' ? writtenFault(table, chain, line) : foundFault(chain, line),
    ) ||
    firstFault(guardLines(change), (line) => foundFault(chain, line))
  );
}

function firstFault(lines: readonly string[], faultOf: (line: string) => string): string {
  for (const line of lines) {
    const fault = faultOf(line);
    if (fault !== '') return `${fault}: ${line}`;
  }
  return '';
}

/** The rule that we share KUBE-FIREWALL for; kubelet has the same. */
const LOCALNET_RULE =
  '-A KUBE-FIREWALL ! -s 127.0.0.0/8 -d 127.0.0.0/8 -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP';

/** A line that we write is understood whole, and leads nowhere but to us. */
function writtenFault(table: string, chain: string, line: string): string {
  const rule = ruleOf(chain, line);
  if (rule === undefined) return 'no rule of this chain';
  if (!isKnown(rule)) return 'a rule with parts that are not known';
  const leads = rule.target.kind === 'jump' || rule.target.kind === 'goto';
  if (leads && !isOurs(table, rule)) return 'a jump to a chain that is not ours';
  if (chainRole(table, chain) !== 'guest') return '';
  if (chain === 'KUBE-FIREWALL')
    return withoutComment(line) === LOCALNET_RULE ? '' : 'a rule that is not ours';
  return leads ? '' : 'a rule that is no jump to a chain of ours';
}

function isOurs(table: string, { target }: Rule): boolean {
  if (target.kind !== 'jump') return false;
  return isOwned(table, target.chain) || (table === 'filter' && target.chain === 'KUBE-FIREWALL');
}

/** A line that was in a chain of ours may be anybody's, but it names one rule of this chain and no other command. */
function foundFault(chain: string, line: string): string {
  if (ruleOf(chain, line) === undefined) return 'no rule of this chain';
  const [, , ...words] = splitWords(line);
  return words.some((word) => COMMAND.test(word)) ? 'more than one command' : '';
}

/** The tool takes one command per line and no table; shortened spellings of these are left to it to refuse. */
const COMMAND =
  /^-(?:[ACDEFILNPRSXZt]|-(?:append|delete|check|insert|replace|list|list-rules|flush|zero|new-chain|delete-chain|rename-chain|policy|table))$/;

function ruleOf(chain: string, line: string): Rule | undefined {
  if (!line.startsWith(`-A ${chain} `)) return undefined;
  try {
    return parseRule(line);
  } catch (error) {
    if (error instanceof ParseError) return undefined;
    throw error;
  }
}
