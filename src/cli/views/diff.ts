/** The differences as text: by Service, shares first, then every rule with its reason. */

import { styleText } from 'node:util';
import type {
  ChainSummary,
  PoolSummary,
  RuleSummary,
  ServiceSummary,
} from '../../plan/summary-types.js';
import { printable } from '../../printable.js';
import { EVERY_OTHER_SERVICE } from '../../snapshot/types.js';
import type { Compared, DiffResult, SharedDifference } from '../comparison.js';
import type { ProfileDifference } from '../profile-differences.js';
import { count, countsText, TO_DO } from './counts.js';
import { flowLines, noteLines, type Paint, settingLines } from './diff-notes.js';
import { poolLines, renumberedText } from './diff-shares.js';

/**
 * `no differences`, or one block per family and Service; what does not count as a difference stands
 * below as notes.
 */
export function differencesText(
  { different, compared, writer, incomplete, missing, host, flows, comments, verbose }: DiffResult,
  colour: boolean,
): string {
  const paint: Paint = (text, style) =>
    colour ? styleText(style, text, { validateStream: false }) : text;
  const notes = [
    ...flowLines(flows),
    ...compared.flatMap(({ summary }) => noteLines(summary, comments)),
  ];
  const total = totalText(compared);
  const lines = [
    ...(different
      ? writerLines(writer)
      : [`no differences${incompleteText(incomplete, missing)}${writerText(writer)}`]),
    ...compared.flatMap((one) => familyLines(one, verbose, paint)),
    ...settingLines(host, paint),
    ...notes.map(printable),
    ...(total === '' ? [] : [paint(total, 'bold')]),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

const OTHER_PROFILE = '--profile 1.36 shows what 1.36 would change';

function writerText(writer: string | undefined): string {
  return writer === undefined
    ? ''
    : ` (the rules are those of kube-proxy ${writer}; ${OTHER_PROFILE})`;
}

function writerLines(writer: string | undefined): readonly string[] {
  return writer === undefined
    ? []
    : [`note: compared with kube-proxy ${writer}, which wrote the rules; ${OTHER_PROFILE}`];
}

/** More are counted. */
const MOST_MISSING = 3;

/**
 * `, but 1 Service was not compared, and there is no Service default/nope in the input`; `''` where
 * all were compared.
 */
function incompleteText(incomplete: readonly string[], missing: readonly string[]): string {
  const left = missing.length - MOST_MISSING;
  const absent = `there is ${missing.slice(0, MOST_MISSING).join(', ')}`;
  const parts = [
    ...(incomplete.length === 0 ? [] : [notComparedText(incomplete)]),
    ...(missing.length === 0 ? [] : [left > 0 ? `${absent} (and ${left} more)` : absent]),
  ];
  return parts.length === 0 ? '' : printable(`, but ${parts.join(', and ')}`);
}

function notComparedText(incomplete: readonly string[]): string {
  const named = incomplete.filter((service) => service !== EVERY_OTHER_SERVICE);
  const isFrozen = named.length < incomplete.length;
  const parts = [
    ...(named.length > 0 ? [count(named.length, 'Service')] : []),
    ...(isFrozen ? ['Services that the input does not name'] : []),
  ];
  const verb = named.length === 1 && !isFrozen ? 'was' : 'were';
  return `${parts.join(' and ')} ${verb} not compared`;
}

function familyLines(compared: Compared, verbose: boolean, paint: Paint): readonly string[] {
  const { against, summary, shared, versions } = compared;
  const { family, services } = summary;
  const total = totalText([compared]);
  if (total === '') return [];
  return [
    paint(`${family}: ${printable(against)} differs: ${total}`, 'bold'),
    paint('  - is there, + should be there', 'dim'),
    '',
    ...(versions === undefined ? [] : [...versionLines(versions, paint), '']),
    ...(shared === undefined ? [] : [...sharedLines(shared, paint), '']),
    ...services.flatMap((service) => [...serviceLines(service, verbose, paint), '']),
  ];
}

/** `2 to change, 1 setting of kube-proxy`; a setting of both families counts once. */
export function totalText(compared: readonly Compared[]): string {
  const services = compared.flatMap(({ summary }) => summary.services);
  const settings = new Set(
    compared.flatMap(({ shared }) => (shared?.settings ?? []).map(({ name }) => name)),
  );
  const [version] = compared.flatMap(({ versions }) => versions ?? []);
  const counts = [
    version === undefined ? '' : `rules of kube-proxy ${version.writer}`,
    countsText(services, TO_DO),
    settings.size === 0 ? '' : `${count(settings.size, 'setting')} of kube-proxy`,
  ];
  return counts.filter((text) => text !== '').join(', ');
}

/** The kinds of difference, one a line, and how many rules they are. */
function versionLines(
  { writer, kinds, origins, rules }: ProfileDifference,
  paint: Paint,
): readonly string[] {
  return [
    `${paint('~ every Service', 'yellow')}  differs, because kube-proxy ${writer} wrote the rules`,
    ...kinds.map((kind) => {
      const where = kind.ports === 0 ? '' : ` (${count(kind.ports, 'Service port')})`;
      const mark = kind.changesPackets ? `   ${paint('<- changes packets', 'red')}` : '';
      return `    ${kind.name}: ${kind.there} there, ${kind.here} here${where}${mark}`;
    }),
    `    ${count(rules, 'rule')} of ${concerned(origins)} (-v shows them)`,
  ];
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

function serviceLines(service: ServiceSummary, verbose: boolean, paint: Paint): readonly string[] {
  const [sign, style, words] = STATES[service.state];
  const name = service.origin === '' ? 'every node' : service.origin;
  const whole = service.state !== 'changed' && !verbose;
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
    ...service.chains.flatMap((chain) => {
      const pool = service.pools.find((one) => one.chain === chain.chain);
      return chainLines(chain, pool, { whole, verbose, paint });
    }),
  ];
}

const FINDINGS: Readonly<Record<ChainSummary['finding'], string>> = {
  missing: 'is not there',
  empty: 'is empty: it was flushed',
  unwanted: 'is not wanted any more',
  differs: '',
};

/** How the rules of a chain are shown. */
interface ChainLook {
  /** Whether the whole Service is added or removed. */
  readonly whole: boolean;
  readonly verbose: boolean;
  readonly paint: Paint;
}

/** The rules of a whole Service that is added or removed are counted; single rules are named. */
function chainLines(
  chain: ChainSummary,
  pool: PoolSummary | undefined,
  { whole, verbose, paint }: ChainLook,
): readonly string[] {
  const { table, rules, finding } = chain;
  const counted = whole && finding !== 'differs';
  const words = [FINDINGS[finding], counted ? `(${count(rules.length, 'rule')})` : ''];
  const head = [`    ${table} ${chain.chain}`, ...words.filter((word) => word !== '')].join(' ');
  if (counted) return [head];
  // An endpoint more or less changes the probabilities of all others.
  const renumbered = rules.filter(({ op, finding }) => finding === 'probability' && op === 'add');
  if (verbose || renumbered.length === 0)
    return [head, ...rules.map((rule) => ruleLine(rule, paint))];
  const others = rules.filter(({ finding }) => finding !== 'probability');
  return [
    head,
    ...others.map((rule) => ruleLine(rule, paint)),
    `      ${paint(`~ ${renumberedText(renumbered.length, pool)}`, 'yellow')} (-v shows the rules)`,
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
