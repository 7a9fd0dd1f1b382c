/** What `vipc compile` prints. */

import type { Backend } from '../../backends/backend.js';
import type { Diagnostic } from '../../diagnostics.js';
import type { Model } from '../../model/types.js';
import type { RuleDocument } from '../../ruleset/types.js';
import type { Snapshot } from '../../snapshot/types.js';
import { leftOut } from '../usable-inputs.js';
import { count } from './counts.js';
import type { View } from './view.js';

/** What was compiled, to be printed the way its mode does it. */
export interface CompileResult {
  readonly documents: readonly RuleDocument[];
  readonly models: readonly Model[];
  readonly diagnostics: readonly Diagnostic[];
  readonly compiler: Backend;
  readonly skippedKinds: Snapshot['skippedKinds'];
}

/** The rules, one text per family in the document; a family that was not asked for is absent. */
export function compiledView({ documents, compiler }: CompileResult): View {
  const rules = documents.map(({ family, text }) => [family.toLowerCase(), text]);
  return {
    text: () => compiler.joinDocuments(documents),
    kind: 'Rules',
    content: () => ({ rules: Object.fromEntries(rules) }),
  };
}

/**
 * `12 Services, 34 endpoints -> 120 rules; 1 object left out; skipped: 3 apps/v1 Deployment`,
 * after the nfacct objects that the rules need.
 */
export function summaryText(result: CompileResult): string {
  const { models, documents, compiler, diagnostics, skippedKinds } = result;
  const ports = models.flatMap((model) => model.ports);
  const services = new Set(ports.map((port) => port.service)).size;
  const endpoints = ports.reduce((sum, port) => sum + port.endpointCount, 0);
  const rules = documents.reduce((sum, { text }) => sum + compiler.countRules(text), 0);
  const objects = leftOut(diagnostics);
  const left = objects === 0 ? '' : `; ${count(objects, 'object')} left out`;
  const others = [...skippedKinds].map(([kind, number]) => `${number} ${kind}`);
  const over = others.length === 0 ? '' : `; skipped: ${others.join(', ')}`;
  const counts = `${count(services, 'Service')}, ${count(endpoints, 'endpoint')}`;
  return `${nfacctNote(documents)}${counts} -> ${count(rules, 'rule')}${left}${over}\n`;
}

/** How to make the nfacct objects without which iptables-restore refuses the rules. */
function nfacctNote(documents: readonly RuleDocument[]): string {
  const found = documents.flatMap(({ text }) => [...text.matchAll(/ --nfacct-name (\S+)/g)]);
  const names = new Set(found.map(([, name = '']) => name));
  if (names.size === 0) return '';
  const commands = [...names].map((name) => `  nfacct add ${name}\n`).join('');
  return `note: create these nfacct objects before the rules are loaded:\n${commands}`;
}
