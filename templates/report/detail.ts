/** The view of one Service. */

import type {
  ReportFinding,
  ReportHead,
  ReportPort,
  ReportRules,
  ServiceDetail,
} from '../../src/report/types.js';
import { counted, h } from './dom.js';
import { findingList } from './findings.js';
import { picture } from './picture.js';
import { plainTable } from './plain-table.js';
import { endpointTable, reachabilityTable } from './port-tables.js';
import { stateBadge } from './states.js';

/** Everything about a Service. Its heading takes the focus. */
export function detailView(detail: ServiceDetail, head: ReportHead): HTMLElement {
  const { name, state, ports, findings, leftOut } = detail;
  const at = name.indexOf('/') + 1;
  return h(
    'article',
    { class: 'detail', 'aria-labelledby': 'service' },
    backLink(),
    h(
      'header',
      {},
      h(
        'div',
        { class: 'headline' },
        h(
          'h2',
          { id: 'service', tabindex: -1 },
          h('span', { class: 'namespace' }, name.slice(0, at)),
          name.slice(at),
        ),
        stateBadge(state),
      ),
      facts(detail),
    ),
    h(
      'section',
      { 'aria-labelledby': 'findings' },
      h('h3', { id: 'findings' }, 'Findings'),
      findings.length === 0
        ? h('p', { class: 'quiet' }, `Nothing found by ${sources(head)}.`)
        : findingList(findings),
      answeredList(detail.answered),
    ),
    detail.policies.length === 0
      ? undefined
      : h(
          'section',
          { 'aria-labelledby': 'policies' },
          h('h3', { id: 'policies' }, 'Policies'),
          h('ul', { class: 'sentences' }, ...detail.policies.map((text) => h('li', {}, text))),
        ),
    ...ports.map((port) => portView(port, head)),
    leftOut.length === 0 ? undefined : leftOutView(leftOut),
  );
}

/** A Service that is not there, or no longer. */
export function missingView(name: string): HTMLElement {
  return h(
    'article',
    { class: 'detail' },
    backLink(),
    h('h2', { id: 'service', tabindex: -1 }, 'No such Service'),
    h('p', {}, `This report has no Service ${name}.`),
  );
}

/** Details that cannot be read. */
export function failedView(name: string, reason: string): HTMLElement {
  return h(
    'article',
    { class: 'detail' },
    backLink(),
    h('h2', { id: 'service', tabindex: -1 }, name),
    h('p', { role: 'alert' }, `Its details cannot be read: ${reason}`),
  );
}

function backLink(): HTMLElement {
  return h(
    'nav',
    { 'aria-label': 'Back' },
    h('a', { class: 'back', href: '#/' }, '← All Services'),
  );
}

function sources({ rulesOf }: ReportHead): string {
  return rulesOf === '' ? 'explain and lint' : 'explain, lint and verify';
}

function facts({ type, addresses, selector, ports }: ServiceDetail): HTMLElement {
  const rows: readonly (readonly [string, string])[] = [
    ['Type', type],
    ['Addresses', addresses.join(', ') || 'none'],
    ['Ports', [...new Set(ports.map(({ title }) => title))].join(', ') || 'none with rules'],
    ['Selector', selector || 'none'],
  ];
  return h(
    'dl',
    { class: 'facts' },
    ...rows.map(([name, text]) => h('div', {}, h('dt', {}, name), h('dd', {}, text))),
  );
}

function answeredList(answered: readonly ReportFinding[]): HTMLElement | undefined {
  if (answered.length === 0) return undefined;
  const fine = answered.filter(({ state }) => state === 'ok').length;
  const open = answered.length - fine;
  const text = [
    ...(fine === 0 ? [] : [`${counted(fine, 'check')} OK`]),
    ...(open === 0 ? [] : [`${open} that the input does not answer`]),
  ].join(', ');
  return h('details', { class: 'answered' }, h('summary', {}, text), findingList(answered));
}

function portView(port: ReportPort, head: ReportHead): HTMLElement {
  const { title, family, addresses, endpoints, rules } = port;
  const id = `port-${title}-${family}`.replace(/[^\w-]/g, '-');
  return h(
    'section',
    { class: 'port', 'aria-labelledby': id },
    h('h3', { id }, `Port ${title}`, h('span', { class: 'family' }, family)),
    ...(addresses.length === 0
      ? [h('p', { class: 'quiet' }, 'No address: other Services have those that it claims.')]
      : [
          picture(
            port,
            head.clients.map(([name]) => name),
          ),
          h('h4', {}, 'Who reaches what'),
          reachabilityTable(port, head.clients),
        ]),
    h('h4', {}, 'Endpoints'),
    endpoints.length === 0
      ? h('p', { class: 'quiet' }, 'No EndpointSlice has an endpoint for this port.')
      : endpointTable(port),
    h('h4', {}, 'Rules'),
    rulesView(rules, head),
  );
}

function rulesView(rules: readonly ReportRules[], { rulesOf }: ReportHead): HTMLElement {
  const of = rulesOf === '' ? 'as compiled' : `of ${rulesOf}`;
  if (rules.length === 0) return h('p', { class: 'quiet' }, `No rule is about it, ${of}.`);
  const count = rules.reduce((sum, chain) => sum + chain.rules.length, 0);
  return h(
    'details',
    { class: 'rules' },
    h('summary', {}, `${counted(count, 'rule')} in ${counted(rules.length, 'chain')}, ${of}`),
    ...rules.map(({ table, chain, rules: some }) =>
      h(
        'section',
        {},
        h('h5', {}, h('span', { class: 'table-name' }, table), chain),
        h(
          'ol',
          {},
          ...some.map(([line, words]) =>
            h('li', {}, h('code', {}, line), h('span', { class: 'words' }, words)),
          ),
        ),
      ),
    ),
  );
}

function leftOutView(leftOut: ServiceDetail['leftOut']): HTMLElement {
  const table = plainTable(['Slice', 'Part', 'Why'].map((name) => ({ name })));
  const attributes = { class: 'mono' };
  for (const [slice, part, reason] of leftOut)
    table.addRow([
      { text: [slice], attributes },
      { text: [part || 'all of it'], attributes },
      { text: [reason] },
    ]);
  return h(
    'section',
    { 'aria-labelledby': 'left-out' },
    h('h3', { id: 'left-out' }, 'Not used of its EndpointSlices'),
    table.element,
  );
}
