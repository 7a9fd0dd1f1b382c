/** The table of all Services. Of many rows only those in sight are in the document. */

import type { ReportHead, ServiceRow, State } from '../../src/report/types.js';
import { counted, grouped, h } from './dom.js';
import { COLUMNS, serviceHash, serviceRow, space } from './rows.js';
import { type Column, found, ordered, searchText } from './search.js';
import { STATE_ORDER, STATE_WORDS, stateIcon } from './states.js';

/** Rows above and below those in sight. */
const SPARE_ROWS = 12;

/** The view of all Services. */
export interface ServiceList {
  readonly element: HTMLElement;
  /** Puts the rows in sight into the document; needed after it was shown again. */
  readonly refresh: () => void;
  /** Puts all rows there, to be printed. */
  readonly refreshAll: () => void;
  readonly focusSearch: () => void;
}

/** Makes the view. */
export function serviceList({ services }: ReportHead): ServiceList {
  const texts = services.map(searchText);
  const elements = new Map<number, HTMLTableRowElement>();
  const state: { only: State | undefined; column: Column; descending: boolean } = {
    ...{ only: undefined, column: 'name', descending: false },
  };
  let shown: readonly number[] = [];
  let range = '';

  const search = h('input', {
    ...{ type: 'search', id: 'search', autocomplete: 'off', spellcheck: 'false' },
    ...{ placeholder: 'Name, address, port or type', 'aria-describedby': 'count' },
    'aria-keyshortcuts': '/',
  });
  const count = h('p', { id: 'count', class: 'count', role: 'status' });
  const filters = filterButtons(services, (only) => {
    state.only = only;
    update();
  });
  const head = h(
    'tr',
    { role: 'row' },
    ...COLUMNS.map(([title, column]) => heading(title, column)),
  );
  const body = h('tbody', { role: 'rowgroup' });
  const table = h(
    'table',
    { class: 'services', role: 'table', 'aria-label': 'Services' },
    h('colgroup', {}, ...COLUMNS.map(([title]) => h('col', { class: `c-${title.toLowerCase()}` }))),
    h('thead', { role: 'rowgroup' }, head),
    body,
  );
  const empty = h('div', { class: 'empty', hidden: '' });
  const element = h(
    'section',
    { 'aria-labelledby': 'services-title' },
    h(
      'div',
      { class: 'toolbar' },
      h('h2', { id: 'services-title', class: 'visually-hidden' }, 'Services'),
      h('label', { class: 'search', for: 'search' }, h('span', {}, 'Search'), search),
      filters,
      count,
    ),
    table,
    empty,
  );

  function heading(title: string, column: Column | undefined): HTMLTableCellElement {
    const common = { scope: 'col', role: 'columnheader', class: `c-${title.toLowerCase()}` };
    if (column === undefined) return h('th', common, title);
    const button = h('button', { type: 'button' }, title);
    const cell = h('th', { ...common, 'aria-sort': 'none', 'data-column': column }, button);
    button.addEventListener('click', () => {
      state.descending = state.column === column ? !state.descending : column === 'findings';
      state.column = column;
      update();
    });
    return cell;
  }

  function update(): void {
    const matching = found(texts, search.value).filter(
      (i) => state.only === undefined || services[i]?.[1] === state.only,
    );
    shown = ordered(services, matching, state.column, state.descending);
    for (const cell of head.querySelectorAll('th[data-column]')) {
      const isSorted = cell.getAttribute('data-column') === state.column;
      const direction = state.descending ? 'descending' : 'ascending';
      cell.setAttribute('aria-sort', isSorted ? direction : 'none');
    }
    const all = counted(services.length, 'Service');
    count.textContent =
      shown.length === services.length ? all : `${grouped(shown.length)} of ${all}`;
    table.setAttribute('aria-rowcount', String(shown.length + 1));
    table.hidden = shown.length === 0;
    empty.hidden = shown.length > 0;
    if (shown.length === 0) empty.replaceChildren(...emptyText());
    range = '';
    refresh();
  }

  function emptyText(): readonly Node[] {
    if (services.length === 0)
      return [
        h('p', { class: 'empty-title' }, 'The input has no Service.'),
        h('p', {}, 'Name files or a cluster with -f.'),
      ];
    const clear = h('button', { type: 'button', class: 'plain' }, 'Show all Services');
    clear.addEventListener('click', () => {
      search.value = '';
      state.only = undefined;
      for (const button of filters.querySelectorAll('button'))
        button.setAttribute('aria-pressed', String(button.dataset.state === ''));
      update();
      search.focus();
    });
    return [h('p', { class: 'empty-title' }, 'No Service matches.'), clear];
  }

  function refresh(): void {
    const height = Number.parseFloat(getComputedStyle(table).getPropertyValue('--row')) || 44;
    const above = window.scrollY - (body.getBoundingClientRect().top + window.scrollY);
    const first = Math.max(0, Math.floor(above / height) - SPARE_ROWS);
    const last = Math.ceil((above + window.innerHeight) / height) + SPARE_ROWS;
    show(Math.min(first, shown.length), Math.min(Math.max(last, first), shown.length), height);
  }

  /** Rows in between stay the same elements, and the focus stays where it is. */
  function show(first: number, last: number, height: number): void {
    if (range === `${first} ${last} ${height}`) return;
    range = `${first} ${last} ${height}`;
    const focused = document.activeElement;
    const rows = shown.slice(first, last).map((position, i) => {
      const row = elements.get(position) ?? rowOf(services[position], position);
      row.setAttribute('aria-rowindex', String(first + i + 2));
      return row;
    });
    elements.clear();
    for (const row of rows) elements.set(Number(row.dataset.position), row);
    body.replaceChildren(space(first * height), ...rows, space((shown.length - last) * height));
    if (focused instanceof HTMLElement && body.contains(focused))
      focused.focus({ preventScroll: true });
  }

  function rowOf(row: ServiceRow | undefined, position: number): HTMLTableRowElement {
    const element = row === undefined ? space(0) : serviceRow(row);
    element.dataset.position = String(position);
    return element;
  }

  /** The arrows go from row to row; the search leads to the first. */
  function move(event: KeyboardEvent): void {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step === 0) return;
    const row = document.activeElement?.closest('tr');
    const at = row == null ? -1 : shown.indexOf(Number(row.dataset.position));
    const next = at + step;
    event.preventDefault();
    const link = elements.get(shown[next] ?? -1)?.querySelector('a');
    if (next < 0) search.focus();
    link?.focus();
    link?.closest('tr')?.scrollIntoView({ block: 'nearest' });
  }

  search.addEventListener('input', update);
  search.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown') move(event);
    const [first] = shown;
    if (event.key === 'Enter' && first !== undefined)
      location.hash = serviceHash(services[first]?.[0] ?? '');
  });
  body.addEventListener('keydown', move);
  body.addEventListener('click', (event) => {
    const isText = (getSelection()?.toString() ?? '') !== '';
    if (!(event.target instanceof Element) || event.target.closest('a') !== null || isText) return;
    event.target.closest('tr')?.querySelector('a')?.click();
  });
  window.addEventListener('scroll', () => element.isConnected && refresh(), { passive: true });
  window.addEventListener('resize', () => element.isConnected && refresh());
  update();
  return {
    ...{ element, refresh },
    refreshAll: () => show(0, shown.length, 0),
    focusSearch: () => search.focus(),
  };
}

function filterButtons(
  services: readonly ServiceRow[],
  choose: (only: State | undefined) => void,
): HTMLElement {
  const counts = new Map<State, number>();
  for (const [, state] of services) counts.set(state, (counts.get(state) ?? 0) + 1);
  const states = STATE_ORDER.filter((state) => counts.has(state));
  const buttons = [undefined, ...states].map((only) => {
    const number = only === undefined ? services.length : (counts.get(only) ?? 0);
    const button = h(
      'button',
      { type: 'button', 'aria-pressed': String(only === undefined), 'data-state': only ?? '' },
      only === undefined ? undefined : stateIcon(only),
      only === undefined ? 'All' : STATE_WORDS[only],
      h('span', { class: 'number' }, grouped(number)),
    );
    button.addEventListener('click', () => {
      for (const other of buttons) other.setAttribute('aria-pressed', String(other === button));
      choose(only);
    });
    return button;
  });
  return h('div', { class: 'filters', role: 'group', 'aria-label': 'State' }, ...buttons);
}
