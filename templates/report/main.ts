/** The page of a report: the table of Services, or one of them, by the address behind `#`. */

import type { ReportHead, ReportTable } from '../../src/report/types.js';
import { readDetail, readHead } from './data.js';
import { detailView, failedView, missingView } from './detail.js';
import { counted, h } from './dom.js';
import { findingList } from './findings.js';
import { serviceList } from './list.js';
import { plainTable } from './plain-table.js';
import { stateIcon, stateOfFindings } from './states.js';
import { themeButton } from './theme.js';

function start(head: ReportHead): void {
  const list = serviceList(head);
  const overview = h('div', {}, ...overviewOf(head), list.element);
  const main = h('main', { id: 'main', tabindex: -1 }, overview);
  document.getElementById('page')?.replaceWith(headerOf(head), main, footerOf(head));
  let place = 0;
  let shown = '';

  async function route(): Promise<void> {
    const name = nameIn(location.hash);
    if (name === shown) return;
    if (shown === '') place = window.scrollY;
    const last = shown;
    shown = name;
    if (name === '') return showOverview(last);
    const view = await viewOf(name, head);
    // Another one may have been asked for meanwhile.
    if (shown !== name) return;
    document.title = `${name} · ${head.title} · vipc report`;
    main.replaceChildren(view);
    window.scrollTo(0, 0);
    view.querySelector<HTMLElement>('#service')?.focus({ preventScroll: true });
  }

  function showOverview(last: string): void {
    document.title = `${head.title} · vipc report`;
    main.replaceChildren(overview);
    window.scrollTo(0, place);
    list.refresh();
    for (const link of overview.querySelectorAll<HTMLElement>('.services a'))
      if (link.title === last) link.focus({ preventScroll: true });
  }

  window.addEventListener('hashchange', () => void route());
  document.addEventListener('keydown', (event) => {
    const isTyping = event.target instanceof HTMLInputElement;
    if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === '/' && shown === '') {
      event.preventDefault();
      list.focusSearch();
    }
    if (event.key === 'Escape' && shown !== '') location.hash = '#/';
  });
  printWhole(list.refreshAll, list.refresh);
  void route();
}

function nameIn(hash: string): string {
  try {
    return decodeURIComponent(hash.replace(/^#\/?/, ''));
  } catch {
    return '';
  }
}

async function viewOf(name: string, head: ReportHead): Promise<HTMLElement> {
  try {
    const detail = await readDetail(head, name);
    return detail === undefined ? missingView(name) : detailView(detail, head);
  } catch (error) {
    return failedView(name, error instanceof Error ? error.message : String(error));
  }
}

/** On paper nothing is folded, and no row is left out. */
function printWhole(all: () => void, inSight: () => void): void {
  let folded: readonly HTMLDetailsElement[] = [];
  window.addEventListener('beforeprint', () => {
    folded = [...document.querySelectorAll('details')].filter(({ open }) => !open);
    for (const details of folded) details.open = true;
    all();
  });
  window.addEventListener('afterprint', () => {
    for (const details of folded) details.open = false;
    inSight();
  });
}

function headerOf({ title, made, facts }: ReportHead): HTMLElement {
  return h(
    'header',
    { class: 'page' },
    h(
      'div',
      { class: 'headline' },
      h('p', { class: 'mark' }, 'vipc'),
      h('h1', {}, h('a', { href: '#/' }, title)),
      themeButton(),
    ),
    h(
      'dl',
      { class: 'facts' },
      ...[...facts, ['Made', made.replace('T', ' ').replace(/\.\d+Z$|Z$/, ' UTC')] as const].map(
        ([name, text]) => h('div', {}, h('dt', {}, name), h('dd', {}, text)),
      ),
    ),
  );
}

function overviewOf({ findings, tables }: ReportHead): readonly HTMLElement[] {
  const title = counted(findings.length, 'finding');
  return [
    ...tables.map(tableOf),
    ...(findings.length === 0
      ? []
      : [
          h(
            'details',
            { class: 'general' },
            h(
              'summary',
              {},
              stateIcon(stateOfFindings(findings)),
              `${title} about the node and the input`,
            ),
            findingList(findings),
          ),
        ]),
  ];
}

function tableOf({ title, columns, rows, none }: ReportTable): HTMLElement {
  const table = plainTable(
    columns.map((name) => ({ name })),
    { name: title, hasRowHeadings: false },
  );
  for (const row of rows) table.addRow(row.map((text) => ({ text: [text] })));
  return h(
    'section',
    { class: 'agent' },
    h('h2', {}, title),
    rows.length === 0 ? h('p', { class: 'quiet' }, none) : table.element,
  );
}

function footerOf({ version }: ReportHead): HTMLElement {
  return h(
    'footer',
    { class: 'page' },
    `vipc ${version}. What each Service does, shares and findings are those of vipc explain, lint and verify. `,
    h('span', { class: 'keys' }, 'Keys: / searches, ↓ and ↑ go through the rows, Esc goes back.'),
  );
}

start(readHead());
