/** Writes the agent's log. */

import { diagnosticText } from '../../diagnostic-text.js';
import type { Diagnostic } from '../../diagnostics.js';
import { type DriftReport, depthOf } from '../../drift/types.js';
import { LoadError, VipcError } from '../../errors.js';
import { getOrInsert } from '../../grouping.js';
import type { Family } from '../../net/ip.js';
import { allChanges } from '../../plan/plan.js';
import type { ChainChange } from '../../plan/types.js';
import type { AgentObserver, SyncFailure, SyncReport } from '../observer.js';
import type { DelayedRemovals, WatchedKind } from '../source.js';
import type { Log, LogFields } from './log-writer.js';

/** Lines about one event beyond this number are only counted. */
const MOST_LINES = 100;
/** The verbosity at which details are logged, as with kube-proxy's `-v=4`. */
const DETAIL = 4;

/**
 * An observer that writes one line per sync, with counts and times, and each failure, drift, change
 * of a source and diagnostic; the same diagnostic not again before it was over. The words of a sync
 * are kube-proxy's, because people have searches for them.
 */
export function logObserver(log: Log): Required<AgentObserver> {
  const perFamily = new Map<Family, NewDiagnostics>();
  const perKind = new Map<WatchedKind, string>();
  const noticed = new NewDiagnostics();
  /** Why the rules of a family cannot be compared, by depth. */
  const unchecked = new Map<string, string>();
  const ofFamily = (family: Family): NewDiagnostics =>
    getOrInsert(perFamily, family, () => new NewDiagnostics());
  return {
    changed: (changes) => {
      if (log.verbosity < DETAIL) return;
      const services = new Set(changes.flatMap(({ service }) => service ?? []));
      log.info('source', 'Objects changed', {
        objects: changes.length,
        services: [...services].slice(0, 20),
      });
    },
    source: ({ kind, state, reason }) => {
      if (perKind.get(kind) === `${state} ${reason}`) return;
      perKind.set(kind, `${state} ${reason}`);
      if (state === 'following') noticed.forget();
      if (state === 'stale') log.warning('source', 'Objects are not followed', { kind, reason });
      else if (state === 'following') log.info('source', 'Caches are synced', { kind });
      else log.info('source', 'Waiting for caches to sync', { kind, reason });
    },
    removals: (removals) => writeRemovals(log, removals),
    noticed: (diagnostics) => writeDiagnostics(log, noticed.ofEvents(diagnostics), {}),
    node: (eligibility) => {
      if (eligibility === 'eligible') log.info('node', 'Node is eligible for traffic');
      else log.warning('node', 'Node is not eligible for traffic', { reason: eligibility });
    },
    queued: (families) => {
      if (log.verbosity >= DETAIL) log.info('sync', 'Sync queued', { ipFamilies: families });
    },
    started: (ipFamily) => {
      if (log.verbosity >= DETAIL) log.info('sync', 'Syncing proxy rules', { ipFamily });
    },
    synced: (report) => {
      log.info('sync', 'SyncProxyRules complete', syncFields(report));
      const fresh = ofFamily(report.family).ofState(report.diagnostics);
      writeDiagnostics(log, fresh, { ipFamily: report.family });
    },
    failed: (failure) => log.error('sync', 'SyncProxyRules failed', failureFields(failure)),
    flows: ({ family, seconds, deleted, diagnostics }) => {
      if (deleted > 0 || log.verbosity >= DETAIL)
        log.info('conntrack', 'Finished reconciling conntrack entries', {
          ipFamily: family,
          seconds,
          entriesDeleted: deleted,
        });
      writeDiagnostics(log, noticed.ofEvents(diagnostics), { ipFamily: family });
    },
    driftFailed: ({ family, check, error }) => {
      const key = `${family} ${depthOf(check)}`;
      if (unchecked.get(key) === error.message) return;
      unchecked.set(key, error.message);
      log.warning('drift', 'The rules cannot be compared', {
        ipFamily: family,
        check,
        reason: error.message,
        hint: error instanceof VipcError ? error.hint : '',
      });
    },
    drift: (report) => {
      if (unchecked.delete(`${report.family} ${depthOf(report.check)}`))
        log.info('drift', 'The rules can be compared again', {
          ipFamily: report.family,
          check: report.check,
        });
      writeDrift(log, report);
    },
  };
}

function writeRemovals(log: Log, { outcome, services, gracePeriod }: DelayedRemovals): void {
  const fields = { count: services.length, services: services.slice(0, 20) };
  if (outcome === 'restored') log.info('source', 'Missing Services are back', fields);
  else if (outcome === 'removed') log.warning('source', 'Missing Services are removed', fields);
  else
    log.warning('source', 'Most Services are missing, and keep their rules for now', {
      ...fields,
      gracePeriod: `${gracePeriod / 1000}s`,
      hint: 'put them back, or set --removal-grace-period 0 to remove Services at once',
    });
}

function syncFields(report: SyncReport): LogFields {
  const { family, kind, seconds, model, result, verified } = report;
  const { plan, sent, refused, from } = result;
  const changes = allChanges(plan);
  const chains = (action: ChainChange['action']): number =>
    changes.filter((change) => change.action === action).length;
  const rules = changes.flatMap((change) => change.rules);
  return {
    ipFamily: family,
    seconds,
    kind,
    from,
    numServices: model.ports.length,
    numEndpoints: model.ports.reduce((sum, { endpointCount }) => sum + endpointCount, 0),
    chainsCreated: chains('create'),
    chainsChanged: chains('rewrite') + chains('edit'),
    chainsDeleted: chains('delete'),
    rulesAdded: rules.filter(({ op }) => op === 'add').length,
    rulesRemoved: rules.filter(({ op }) => op === 'remove').length,
    // What the tool reads: every character of an input is one byte.
    bytesSent: sent.flat().reduce((sum, { text }) => sum + text.length, 0),
    verified,
    refused: refused.length > 0 ? refused.map(({ origin }) => origin).slice(0, 20) : undefined,
  };
}

function failureFields({ family, kind, seconds, error, retryAfter }: SyncFailure): LogFields {
  return {
    ipFamily: family,
    seconds,
    kind,
    error: error.name,
    err: error.message,
    hint: error instanceof VipcError ? error.hint : '',
    line: error instanceof LoadError ? error.line : '',
    file: error instanceof LoadError ? error.file : '',
    // A bug in vipc is reported with its stack.
    stack: error instanceof VipcError ? '' : error.stack,
    retryAfter: `${retryAfter / 1000}s`,
  };
}

function writeDrift(log: Log, report: DriftReport): void {
  const { family, check, seconds, findings, count, repair } = report;
  const fields = { ipFamily: family, check, seconds, count };
  if (count === 0) {
    if (log.verbosity >= DETAIL) log.info('drift', 'No drift', fields);
    return;
  }
  log.warning('drift', 'The kernel does not hold what was loaded', { ...fields, repair });
  for (const { kind, table, chain, origin, line } of findings.slice(0, MOST_LINES))
    log.warning('drift', 'Drift', {
      ipFamily: family,
      kind,
      table,
      chain,
      service: origin,
      rule: line,
    });
}

function writeDiagnostics(log: Log, diagnostics: readonly Diagnostic[], fields: LogFields): void {
  const wanted = diagnostics.filter(
    ({ severity }) => severity !== 'note' || log.verbosity >= DETAIL,
  );
  for (const diagnostic of wanted.slice(0, MOST_LINES)) {
    const { code, severity, hint } = diagnostic;
    const write = { error: log.error, warning: log.warning, note: log.info }[severity];
    write('input', diagnosticText(diagnostic), { ...fields, code, hint });
  }
  if (wanted.length > MOST_LINES)
    log.warning('input', 'More diagnostics are left out', {
      ...fields,
      count: wanted.length - MOST_LINES,
      hint: 'vipc compile with the same input shows all of them',
    });
}

/** Filters out diagnostics that were logged before. */
class NewDiagnostics {
  #known: ReadonlySet<string> = new Set();

  /**
   * Those that were not in the previous call. `all` must be complete: a diagnostic that it lacks is
   * over, and is new when it occurs again.
   */
  ofState(all: readonly Diagnostic[]): readonly Diagnostic[] {
    const before = this.#known;
    this.#known = new Set(all.map(keyOf));
    return distinct(all).filter((diagnostic) => !before.has(keyOf(diagnostic)));
  }

  /** Those that were not logged yet. Beyond {@link MOST_KNOWN} the oldest are forgotten. */
  ofEvents(some: readonly Diagnostic[]): readonly Diagnostic[] {
    const before = this.#known;
    const found = distinct(some).filter((diagnostic) => !before.has(keyOf(diagnostic)));
    if (found.length > 0)
      this.#known = new Set([...before, ...found.map(keyOf)].slice(-MOST_KNOWN));
    return found;
  }

  /** Forgets all, so that a diagnostic that occurs again is logged again. */
  forget(): void {
    this.#known = new Set();
  }
}

const MOST_KNOWN = 10_000;

function distinct(all: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...new Map(all.map((diagnostic) => [keyOf(diagnostic), diagnostic])).values()];
}

/** All fields that are logged, but not the place in a file, which every edit may change. */
function keyOf({ code, severity, message, object, field, value }: Diagnostic): string {
  return JSON.stringify([code, severity, message, object, field, value]);
}
