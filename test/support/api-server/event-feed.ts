/**
 * The events that one watch has still to send: the first objects, then each change, in whichever
 * disorder a test asks for.
 */

import type { Faults } from './faults.js';
import type { ListRequest } from './list.js';
import type { Store } from './store.js';
import type { ApiObject } from './types.js';
import { addedText, bookmarkText, eventText } from './watch-text.js';

const EMPTY_EVENTS = '\n{"type":"MODIFIED","object":{}}\n';

export class EventFeed {
  readonly #request: ListRequest;
  readonly #store: Store;
  readonly #faults: Faults;
  readonly #from: number;
  #initial: readonly ApiObject[] = [];
  #initialSent = 0;
  /** The bookmark that ends the initial events, not yet sent. */
  #initialEnd = '';
  #cursor: number;
  #postponed = '';

  /** All events behind a resourceVersion. */
  constructor(request: ListRequest, store: Store, faults: Faults, from: number) {
    this.#request = request;
    this.#store = store;
    this.#faults = faults;
    this.#from = from;
    this.#cursor = from === 0 ? store.end : store.after(from);
  }

  /** All objects of now come first, then the bookmark that says so if it is wanted. */
  addInitial(bookmark: boolean): void {
    const { resource, selects } = this.#request;
    this.#initial = this.#store.at(resource).filter(selects);
    if (bookmark) this.#initialEnd = bookmarkText(resource, this.#store.version, true);
  }

  /** Whether the client read so slowly that what it missed is forgotten. */
  get isLost(): boolean {
    return this.#initial.length === 0 && this.#cursor < this.#store.first;
  }

  /** The next text for the stream; `undefined` if nothing waits. */
  next(): string | undefined {
    const { resource } = this.#request;
    const object = this.#initial[this.#initialSent];
    if (object !== undefined) {
      this.#initialSent++;
      return this.#disturbed(addedText(object, resource));
    }
    this.#initial = [];
    if (this.#initialEnd !== '') {
      const text = this.#initialEnd;
      this.#initialEnd = '';
      return text;
    }
    return this.#nextEvent();
  }

  #nextEvent(): string | undefined {
    if (this.#postponed !== '') {
      const text = this.#postponed;
      this.#postponed = '';
      return text;
    }
    if (this.isLost) return undefined;
    for (;;) {
      const text = this.#take();
      if (text === undefined) return undefined;
      if (text === '' || this.#faults.use('bookmarks-only', 'watch', this.#resource) !== undefined)
        continue;
      return this.#reordered(text) ?? this.#disturbed(text);
    }
  }

  /** The next event for this selection; `''` for one outside of it. */
  #take(): string | undefined {
    const event = this.#store.event(this.#cursor);
    if (event === undefined) return undefined;
    this.#cursor++;
    const { resource } = this.#request;
    return event.resource === resource && event.resourceVersion > this.#from
      ? eventText(event, this.#request)
      : '';
  }

  /** Swaps two adjacent events: the second one now, the first one next time. */
  #reordered(first: string): string | undefined {
    const faults = this.#faults;
    if (faults.find('reorder-events', 'watch', this.#resource) === undefined) return undefined;
    const second = this.#take() ?? '';
    if (second === '') return undefined;
    faults.use('reorder-events', 'watch', this.#resource);
    this.#postponed = first;
    return second;
  }

  #disturbed(text: string): string {
    const faults = this.#faults;
    const doubled = faults.use('duplicate-events', 'watch', this.#resource);
    const empty = faults.use('empty-events', 'watch', this.#resource);
    return `${empty === undefined ? '' : EMPTY_EVENTS}${text}${doubled === undefined ? '' : text}`;
  }

  get #resource(): string {
    return this.#request.resource.name;
  }
}
