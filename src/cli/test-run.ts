/** Runs a test: compiles what it names and traces its packets. */

import { failureOf } from '../behaviour/failure.js';
import { type NodeRules, nodeRules } from '../behaviour/node-rules.js';
import type { TestDocument } from '../behaviour/test-file.js';
import { expectationsOf, parseNetworks } from '../behaviour/test-rules.js';
import type { RawPacket } from '../behaviour/test-shape.js';
import { diagnosticText } from '../diagnostic-text.js';
import type { Diagnostic } from '../diagnostics.js';
import { VipcError } from '../errors.js';
import { fieldSteps } from '../input/path.js';
import type { Source } from '../input/source.js';
import { type Compiled, compileSnapshot } from '../pipeline.js';
import type { BackendName } from '../ruleset/types.js';
import { loadSnapshot } from '../snapshot/load.js';
import { locate } from '../snapshot/locate.js';
import { FAMILIES, unique } from './compiled-inputs.js';
import { chooseNode } from './node-choice.js';
import type { TestInputs } from './test-inputs.js';

/** What became of one packet of a test in one set of rules. */
export interface PacketResult {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** The name of the test; `''`: it has none. */
  readonly test: string;
  readonly packet: string;
  /** The mode that was compiled for, or the dump; `''`: it is about the objects. */
  readonly rules: string;
  /** What is not as expected, each with the rules that decide; none: the packet passes. */
  readonly failures: readonly string[];
}

/** The results of a test, and what there is to say about its objects. */
export interface TestRun {
  readonly results: readonly PacketResult[];
  /** Warnings: an object that was left out is a failure. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Traces every packet through the rules of each mode, or of the dumps. */
export function runTest(inputs: TestInputs): TestRun {
  const { document, dumps, host } = inputs;
  const objects = compileTest(inputs);
  const results: PacketResult[] = objectResults(document, objects.diagnostics);
  const about = { host, snapshot: objects.snapshot };
  const [first] = objects.modes.values();
  const asked: (readonly [string, NodeRules])[] =
    dumps.length > 0
      ? [
          [
            dumps.map(({ name }) => name).join(', '),
            nodeRules(dumps, { ...about, compiled: first ?? [] }),
          ],
        ]
      : [...objects.modes].map(([mode, compiled]) => [mode, nodeRules(compiled, about)]);
  for (const [name, rules] of asked)
    for (const [i, packet] of document.test.packets.entries())
      results.push({
        ...placeOf(document, i),
        packet: packet.name ?? `${packet.from} -> ${packet.to}`,
        rules: name,
        failures: failuresOf(packet, rules),
      });
  const diagnostics = objects.diagnostics.filter(({ severity }) => severity === 'warning');
  return { results, diagnostics };
}

function placeOf(
  { file, test, position }: TestDocument,
  packet: number,
): Pick<PacketResult, 'file' | 'line' | 'test'> {
  return { file, line: position(['packets', packet]).line, test: test.name ?? '' };
}

/** A failure where an object was left out: packets may pass without it. */
function objectResults(
  { file, test, position }: TestDocument,
  diagnostics: readonly Diagnostic[],
): PacketResult[] {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return [];
  const failures = [errors.map(diagnosticText).join('\n')];
  const { line } = position(test.snapshot === undefined ? ['objects'] : ['snapshot']);
  return [{ file, line, test: test.name ?? '', packet: 'objects', rules: '', failures }];
}

function failuresOf(packet: RawPacket, rules: NodeRules): readonly string[] {
  try {
    const found = rules.trace(packet);
    return expectationsOf(packet).flatMap(({ expected, negated }) => {
      const failure = failureOf(found, expected, negated);
      return failure === undefined ? [] : [failure.message];
    });
  } catch (error) {
    if (!(error instanceof VipcError)) throw error;
    return [error.hint === '' ? error.message : `${error.message}\nhint: ${error.hint}`];
  }
}

/** What the objects of a test compile to, by mode; nothing where it has none. */
interface CompiledTest {
  readonly modes: ReadonlyMap<BackendName, readonly Compiled[]>;
  readonly snapshot: ReturnType<typeof loadSnapshot>['snapshot'] | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

function compileTest({ document, sources: files, config, host }: TestInputs): CompiledTest {
  const { test } = document;
  const inline = inlineSource(document);
  const sources = inline === undefined ? files : [...files, inline];
  if (sources.length === 0) return { modes: new Map(), snapshot: undefined, diagnostics: [] };
  const serviceCidrs = parseNetworks(test.serviceCIDR ?? '') ?? [];
  const loaded = loadSnapshot(sources, { serviceCidrs });
  const { snapshot } = loaded;
  const node = chooseNode(snapshot, { flag: test.node, config, host });
  const options = { config, nodeName: node.nodeName, host, zone: test.zone };
  const modes = new Map<BackendName, readonly Compiled[]>();
  for (const mode of test.modes ?? [config.mode || 'iptables'])
    modes.set(
      mode,
      FAMILIES.dual.map((family) => compileSnapshot(snapshot, family, { ...options, mode })),
    );
  // A family without any Service port has nothing to warn of.
  const compiled = [...modes.values()]
    .flat()
    .flatMap(({ model, diagnostics }) => (model.ports.length > 0 ? diagnostics : []));
  const said = locate([...node.diagnostics, ...loaded.diagnostics, ...compiled], loaded, sources);
  const diagnostics = said.map((one) => inlinePlace(one, inline, document));
  return { modes, snapshot, diagnostics: unique(diagnostics) };
}

/** The objects in the test itself, one a line behind the first. */
function inlineSource({ file, test: { objects } }: TestDocument): Source | undefined {
  if (objects === undefined) return undefined;
  const items = objects.map((object) => JSON.stringify(object)).join(',\n');
  return {
    name: `${file} objects`,
    text: `{"apiVersion": "v1", "kind": "List", "items": [\n${items}\n]}`,
  };
}

/** The place in the test of what is said about an object in it. */
function inlinePlace(
  diagnostic: Diagnostic,
  inline: Source | undefined,
  { position }: TestDocument,
): Diagnostic {
  const place = diagnostic.position;
  if (inline === undefined || place === undefined || place.file !== inline.name) return diagnostic;
  const path = ['objects', place.line - 2, ...fieldSteps(diagnostic.field ?? '')];
  return { ...diagnostic, position: position(path) };
}
