/** What explain, lint and verify found, as a report shows it. */

import { objectKey, positionText, sentenceParts } from '../diagnostic-text.js';
import type { Diagnostic, Severity } from '../diagnostics.js';
import { brokenText } from '../explain/broken-text.js';
import { type Check, QUESTIONS } from '../explain/checks.js';
import type { BrokenFrontend } from '../explain/counterexample.js';
import { addTo } from '../grouping.js';
import { serviceOf } from '../ruleset/types.js';
import type { Snapshot } from '../snapshot/types.js';
import type { ReportFinding, State } from './types.js';

/** From the worst. */
const STATES: readonly State[] = ['problem', 'warning', 'unknown', 'note', 'ok'];

/** Of a finding that is one sentence. */
export const NOTHING_MORE = { hint: '', next: '', place: '', lines: [] } as const;

/** The worst first; those of one state stay in their order. */
export function worstFirst(findings: readonly ReportFinding[]): readonly ReportFinding[] {
  return findings.toSorted((a, b) => STATES.indexOf(a.state) - STATES.indexOf(b.state));
}

/** The state of what has these findings: notes are no fault. */
export function stateOf(findings: readonly Pick<ReportFinding, 'state'>[]): State {
  const worst = STATES.find((state) => findings.some((found) => found.state === state));
  return worst === undefined || worst === 'note' ? 'ok' : worst;
}

/** A question of `explain` with its answer. */
export function checkFinding({ check, state, message, next }: Check): ReportFinding {
  return {
    ...NOTHING_MORE,
    ...{ state, source: 'explain', text: `${QUESTIONS[check]} ${message}`, next },
  };
}

const SEVERITY_STATES: Readonly<Record<Severity, State>> = {
  error: 'problem',
  warning: 'warning',
  note: 'note',
};

/** A diagnostic of a source, such as `lint`, with its code. */
export function diagnosticFinding(diagnostic: Diagnostic, source: string): ReportFinding {
  const { severity, code, hint = '', position } = diagnostic;
  return {
    state: SEVERITY_STATES[severity],
    source: `${source} ${code}`,
    text: sentenceParts(diagnostic).join(': '),
    ...{ hint, next: '', lines: [] },
    place: position === undefined ? '' : positionText(position),
  };
}

const BROKEN_STATES: Readonly<Record<BrokenFrontend['finding']['kind'], State>> = {
  refuted: 'problem',
  unknown: 'unknown',
  changed: 'note',
};

/** A frontend whose rules do something else, or something that is not understood. */
function brokenFinding(broken: BrokenFrontend): ReportFinding {
  const [text = '', ...lines] = brokenText(broken);
  const state = BROKEN_STATES[broken.finding.kind];
  return { ...NOTHING_MORE, state, source: 'verify', text, lines };
}

/** Findings by Service, `''` for those about no Service of the snapshot. */
export type FindingsByService = ReadonlyMap<string, readonly ReportFinding[]>;

/** Findings of lint and verify by the Service that they are about. */
export function findingsByService(
  diagnostics: readonly Diagnostic[],
  broken: readonly BrokenFrontend[],
  { services, slices }: Pick<Snapshot, 'services' | 'slices'>,
): FindingsByService {
  const ofSlices = new Map(
    [...slices].flatMap(([service, some]) =>
      some.map(({ metadata: { namespace = 'default', name } }) => [
        `${namespace}/${name}`,
        service,
      ]),
    ),
  );
  const groups = new Map<string, ReportFinding[]>();
  const add = (service: string | undefined, found: ReportFinding): void => {
    const key = service !== undefined && services.has(service) ? service : '';
    addTo(groups, key, found);
  };
  for (const one of broken) add(serviceOf(one.finding.traffic.origin), brokenFinding(one));
  for (const diagnostic of diagnostics) {
    const { object } = diagnostic;
    const key = object === undefined ? '' : objectKey(object);
    const service = object?.kind === 'EndpointSlice' ? ofSlices.get(key) : key;
    add(object?.kind === 'Node' ? undefined : service, diagnosticFinding(diagnostic, 'lint'));
  }
  return groups;
}
