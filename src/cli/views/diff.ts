/**
 * The differences as a person reads them at 3 a.m.: by Service, shares first, then every rule with
 * its reason.
 */

import { styleText } from 'node:util';
import type { Variant } from '../../backends/kernel.js';
import type { StaleFlow } from '../../flows/stale-flows.js';
import { percentText } from '../../netfilter/fraction.js';
import type {
  ChainSummary,
  FamilySummary,
  PoolSummary,
  RuleSummary,
  ServiceSummary,
  ShareChange,
} from '../../plan/summary-types.js';
import type { HostChange } from '../../plan/types.js';
import { printable } from '../../printable.js';
import { EVERY_OTHER_SERVICE } from '../../snapshot/types.js';
import type { OtherSetting } from '../node-settings.js';
import { count, countsText, TO_DO } from './counts.js';
import { flowLines, noteLines, type Paint, settingLines } from './diff-notes.js';

/** What differs in one family, and from what. */
export interface Compared {
  /** `the kernel (iptables-nft 1.8.9)`, or a path. */
  readonly against: string;
  readonly variant: Variant;
  /** Without what {@link shared} explains, unless all is to be shown. */
  readonly summary: FamilySummary;
  /** What differs because kube-proxy is configured otherwise. */
  readonly shared?: SharedDifference | undefined;
}

/** A difference that all Services share. */
export interface SharedDifference {
  readonly settings: readonly OtherSetting[];
  /** The Service ports with such rules; `''` for every node. */
  readonly origins: readonly string[];
  readonly rules: number;
  /** What to do; `''` where the command line says that it is meant. */
  readonly hint: string;
}

/** What there is to show. */
export interface DifferencesView {
  readonly different: boolean;
  readonly compared: readonly Compared[];
  /** Services that the input says less of than it meant to, in order; they keep what they have. */
  readonly incomplete: readonly string[];
  /** Settings of the machine that would be made. */
  readonly host: readonly HostChange[];
  readonly flows: readonly StaleFlow[];
  /** Whether differences of comments alone are shown. */
  readonly comments: boolean;
  /** Whether the rules of new and deleted chains are shown one by one. */
  readonly verbose: boolean;
}

/**
 * `no differences`, or one block per family and Service; what does not count as a difference stands
 * below as notes.
 */
export function differencesText(view: DifferencesView, colour: boolean): string {
  const paint: Paint = (text, style) =>
    colour ? styleText(style, text, { validateStream: false }) : text;
  const blocks = view.compared.flatMap((compared) => familyLines(compared, view, paint));
  const notes = [
    ...flowLines(view.flows),
    ...view.compared.flatMap(({ summary }) => noteLines(summary, view.comments)),
  ];
  const named = view.incomplete.filter((service) => service !== EVERY_OTHER_SERVICE);
  const isFrozen = named.length < view.incomplete.length;
  const parts = [
    ...(named.length > 0 ? [count(named.length, 'Service')] : []),
    ...(isFrozen ? ['Services that the input does not name'] : []),
  ];
  const verb = named.length === 1 && !isFrozen ? 'was' : 'were';
  const but = parts.length === 0 ? '' : `, but ${parts.join(' and ')} ${verb} not compared`;
  const head = view.different ? [] : [`no differences${but}`];
  const total = totalText(view.compared);
  const tail = total === '' ? [] : [paint(total, 'bold')];
  return [...head, ...blocks, ...settingLines(view.host, paint), ...notes.map(printable), ...tail]
    .map((line) => `${line}\n`)
    .join('');
}

function familyLines(compared: Compared, view: DifferencesView, paint: Paint): readonly string[] {
  const { against, summary, shared } = compared;
  const { family, services } = summary;
  const total = totalText([compared]);
  if (total === '') return [];
  return [
    paint(`${family}: ${printable(against)} differs: ${total}`, 'bold'),
    paint('  - is there, + should be there', 'dim'),
    '',
    ...(shared === undefined ? [] : [...sharedLines(shared, paint), '']),
    ...services.flatMap((service) => [...serviceLines(service, view, paint), '']),
  ];
}

/** `2 to change, 1 setting of kube-proxy`; a setting of both families counts once. */
export function totalText(compared: readonly Compared[]): string {
  const services = compared.flatMap(({ summary }) => summary.services);
  const settings = new Set(
    compared.flatMap(({ shared }) => (shared?.settings ?? []).map(({ name }) => name)),
  );
  const counts = [
    countsText(services, TO_DO),
    settings.size === 0 ? '' : `${count(settings.size, 'setting')} of kube-proxy`,
  ];
  return counts.filter((text) => text !== '').join(', ');
}

/** The settings, what they are about, and what to do. */
function sharedLines(
  { settings, origins, rules, hint }: SharedDifference,
  paint: Paint,
): readonly string[] {
  return [
    `${paint('~ every Service', 'yellow')}  differs, because this node's kube-proxy is configured otherwise`,
    ...settings.map(
      ({ name, kernel, wanted }) =>
        `    ${name}: ${printable(kernel || 'none')} there, ${printable(wanted || 'none')} here`,
    ),
    `    ${count(rules, 'rule')} of ${concerned(origins)} (-v shows them)`,
    ...(hint === '' ? [] : [`    ${paint('hint:', 'dim')} ${hint}`]),
  ];
}

/** `31 Service ports`, `every node and 2 Service ports`. */
export function concerned(origins: readonly string[]): string {
  const ports = origins.filter((origin) => origin !== '').length;
  return [
    ...(ports < origins.length ? ['every node'] : []),
    ...(ports > 0 ? [count(ports, 'Service port')] : []),
  ].join(' and ');
}

const STATES = {
  added: ['+', 'green', 'is not there'],
  changed: ['~', 'yellow', 'differs'],
  removed: ['-', 'red', 'is not wanted any more'],
} as const;

function serviceLines(
  service: ServiceSummary,
  view: DifferencesView,
  paint: Paint,
): readonly string[] {
  const [sign, style, words] = STATES[service.state];
  const name = service.origin === '' ? 'every node' : service.origin;
  const whole = service.state !== 'changed' && !view.verbose;
  const head = `${paint(`${sign} ${name}`, style)}  ${words}`;
  if (whole && service.origin === '') {
    const rules = service.chains.reduce((sum, chain) => sum + chain.rules.length, 0);
    return [
      head,
      `    ${count(service.chains.length, 'chain')}, ${count(rules, 'rule')} (-v shows them)`,
    ];
  }
  return [
    head,
    ...service.pools.flatMap(poolLines),
    ...service.chains.flatMap((chain) => chainLines(chain, whole, view.verbose, paint)),
  ];
}

/** More endpoints than this with the same change share a line, unless they come or go. */
const MANY = 4;

function poolLines({ pool, endpoints }: PoolSummary): readonly string[] {
  const alike = new Map<string, ShareChange[]>();
  for (const change of endpoints) {
    const key = shareText(change);
    const group = alike.get(key);
    if (group === undefined) alike.set(key, [change]);
    else group.push(change);
  }
  const rows = [...alike].flatMap(([text, group]): readonly (readonly [string, string])[] => {
    const stays = group.every(({ before, after }) => before.numerator > 0n && after.numerator > 0n);
    if (group.length > MANY && stays) return [[`${group.length} endpoints, each`, text]];
    return group.map(({ endpoint }) => [printable(endpoint), text]);
  });
  const width = rows.reduce((most, [who]) => Math.max(most, who.length), 0);
  return [
    `    new connections (${pool === 'cluster' ? 'policy Cluster' : 'policy Local'}):`,
    ...rows.map(([who, text]) => `      ${who.padEnd(width)}  ${text}`),
  ];
}

function shareText({ before, after }: ShareChange): string {
  return `${percentText(before).padStart(6)} -> ${percentText(after)}`;
}

const FINDINGS: Readonly<Record<ChainSummary['finding'], string>> = {
  missing: 'is not there',
  empty: 'is empty: somebody flushed it',
  unwanted: 'is not wanted any more',
  differs: '',
};

/** The rules of a whole Service that comes or goes are counted; single rules are named. */
function chainLines(
  chain: ChainSummary,
  whole: boolean,
  verbose: boolean,
  paint: Paint,
): readonly string[] {
  const { table, rules, finding } = chain;
  const counted = whole && finding !== 'differs';
  const words = [FINDINGS[finding], counted ? `(${count(rules.length, 'rule')})` : ''];
  const head = [`    ${table} ${chain.chain}`, ...words.filter((word) => word !== '')].join(' ');
  if (counted) return [head];
  // Each new endpoint renumbers the chances of all others: the shares above say it better.
  const renumbered = rules.filter(({ op, finding }) => finding === 'probability' && op === 'add');
  if (verbose || renumbered.length < 2)
    return [head, ...rules.map((rule) => ruleLine(rule, paint))];
  const others = rules.filter(({ finding }) => finding !== 'probability');
  return [
    head,
    ...others.map((rule) => ruleLine(rule, paint)),
    `      ${paint(`~ ${count(renumbered.length, 'rule')} with another probability`, 'yellow')} (-v shows them)`,
  ];
}

const RULE_NOTES: Readonly<Record<RuleSummary['finding'], string>> = {
  missing: '',
  surplus: '',
  foreign: '   <- not a rule of kube-proxy or vipc',
  probability: '   <- another probability',
  moved: '   <- in another place',
};

function ruleLine({ op, line, finding }: RuleSummary, paint: Paint): string {
  const [sign, style] = op === 'add' ? (['+', 'green'] as const) : (['-', 'red'] as const);
  // What replaces a rule needs no word of its own.
  const note = op === 'remove' ? RULE_NOTES[finding] : '';
  return `      ${paint(`${sign} ${printable(line)}`, style)}${note}`;
}
