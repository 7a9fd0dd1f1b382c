/** `vipc get`: the tables of kubectl for a snapshot. */

import { type Command, Option } from 'commander';
import type { Diagnostic } from '../../diagnostics.js';
import { UsageError } from '../../errors.js';
import { systemClock } from '../../host/clock.js';
import { nearestName } from '../../nearest-name.js';
import type { Cidr } from '../../net/cidr.js';
import { loadSnapshot } from '../../snapshot/load.js';
import { listText } from '../cluster.js';
import type { ClusterFlags } from '../cluster-flags.js';
import { objectName, oneOf } from '../flags.js';
import { addObjectFlags, serviceCidrOption } from '../input-flags.js';
import { type LabelSelector, labelSelector } from '../label-selector.js';
import { requestedKinds } from '../listed-arguments.js';
import { type ListedKind, type ListedObject, listedObjects } from '../listed-objects.js';
import { readObjects } from '../read-inputs.js';
import type { Done, Terminal } from '../terminal.js';
import { withWords } from '../value-words.js';
import { diagnosticLines } from '../views/diagnostics.js';
import { type ListedOfKind, listedText, oneText } from '../views/get.js';

/** The flags of `vipc get`, checked one by one. */
export interface GetFlags extends ClusterFlags {
  readonly filename: readonly string[];
  readonly recursive: boolean;
  readonly serviceCidr: readonly Cidr[];
  readonly namespace?: string;
  readonly allNamespaces: boolean;
  readonly selector?: LabelSelector;
  readonly headers: boolean;
  readonly showLabels?: boolean;
  readonly output?: 'wide' | 'name' | 'json' | 'yaml';
}

/**
 * Prints objects. 0: also where there are none, as kubectl; 1: one that is named is not there, or
 * an object was left out.
 */
export async function getCommand(
  words: readonly [string, ...string[]],
  flags: GetFlags,
  terminal: Terminal,
  now: () => number = systemClock.wall,
): Promise<number> {
  const asked = requestedKinds(words);
  const { allNamespaces, namespace = 'default', selector } = flags;
  if (selector !== undefined && asked.some(({ names }) => names.length > 0))
    throw new UsageError('name cannot be provided when a selector is specified');
  checkForm(flags);
  if (allNamespaces && flags.namespace !== undefined)
    throw new UsageError('-n and -A cannot be used together');
  if (allNamespaces && asked.some(({ names }) => names.length > 0))
    throw new UsageError('a name is looked for in one namespace: give -n instead of -A');
  const { sources, diagnostics: read } = await readObjects(flags, flags.kubeconfig, terminal);
  const loaded = loadSnapshot(sources, { serviceCidrs: flags.serviceCidr });
  const bad = [...read, ...loaded.diagnostics].filter(({ severity }) => severity === 'error');
  const found = asked.map(({ kind, names }) => {
    const all = listedObjects(kind, sources, loaded).filter(
      ({ object }) => selector?.(object.metadata.labels ?? {}) ?? true,
    );
    const there = allNamespaces ? all : all.filter((one) => one.namespace === namespace);
    const missing = names
      .filter((name) => !there.some((one) => one.name === name))
      .map((name) => notFound(kind, name, namespace, all));
    return { kind, all, missing, listed: names.length === 0 ? there : named(there, names) };
  });
  const missing = found.flatMap((of) => of.missing);
  const isEmpty = missing.length === 0 && found.every(({ listed }) => listed.length === 0);
  const all = found.flatMap((of) => of.all);
  const filled = filledNotes(loaded.diagnostics, found, flags);
  const remarks = isEmpty ? [none(flags, all)] : [...filled, ...missing];
  await terminal.writeError(diagnosticLines([...bad, ...remarks], 0, terminal));
  const isOne = asked.length === 1 && asked[0]?.names.length === 1;
  await terminal.writeOutput(textOf(found, isOne, flags, now()));
  return bad.length + missing.length > 0 ? 1 : 0;
}

function checkForm({ output = 'wide', showLabels = false }: GetFlags): void {
  if (showLabels && output !== 'wide')
    throw new UsageError(`--show-labels is for tables, and not for -o ${output}`);
}

/** Addresses and node ports of a table that no object has: whoever reads it may not use them. */
function filledNotes(
  diagnostics: readonly Diagnostic[],
  found: readonly ListedOfKind[],
  { output = 'wide' }: GetFlags,
): readonly Diagnostic[] {
  if (output !== 'wide') return [];
  const services = new Set(
    found
      .filter(({ kind }) => kind.kind === 'Service')
      .flatMap(({ listed }) => listed.map(({ namespace, name }) => `${namespace}/${name}`)),
  );
  const isShown = ({ code, object }: Diagnostic): boolean =>
    /^assigned-(?:cluster-ip|node-port)$/.test(code) &&
    services.has(`${object?.namespace}/${object?.name}`);
  const assigned = diagnostics.filter(isShown);
  const isAssumed = assigned.some(({ code }) => code === 'assigned-cluster-ip');
  const assumed = diagnostics.filter(({ code }) => isAssumed && code === 'assumed-service-cidr');
  return [...assumed, ...assigned];
}

/** In the order in which they are named, as kubectl. */
function named(there: readonly ListedObject[], names: readonly string[]): readonly ListedObject[] {
  return names.flatMap((name) => there.filter((one) => one.name === name));
}

function textOf(
  found: readonly ListedOfKind[],
  isOne: boolean,
  { output, allNamespaces, headers, showLabels = false }: GetFlags,
  now: number,
): string {
  if (output === 'json' || output === 'yaml') {
    const raw = found.flatMap(({ listed }) => listed.map((one) => one.raw));
    const [first] = raw;
    return isOne && first !== undefined ? oneText(first, output) : listText(raw, output);
  }
  return listedText(found, {
    allNamespaces,
    headers,
    labels: showLabels,
    form: output ?? 'table',
    now,
  });
}

function notFound(
  { plural }: ListedKind,
  name: string,
  namespace: string,
  all: readonly ListedObject[],
): Diagnostic {
  const elsewhere = all.find((one) => one.name === name);
  const near = nearestName(
    name,
    all.filter((one) => one.namespace === namespace).map((one) => one.name),
  );
  const hint =
    elsewhere !== undefined
      ? `there is one in namespace ${elsewhere.namespace}: -n ${elsewhere.namespace}`
      : near !== undefined
        ? `did you mean ${near}?`
        : undefined;
  return {
    ...{ code: 'selection-empty', severity: 'error' },
    message: `${plural} ${JSON.stringify(name)} not found in namespace ${namespace}`,
    ...(hint !== undefined && { hint }),
  };
}

/** In kubectl's words. */
function none(
  { allNamespaces, namespace = 'default' }: GetFlags,
  all: readonly ListedObject[],
): Diagnostic {
  const where = allNamespaces ? '' : ` in ${namespace} namespace`;
  return {
    ...{ code: 'selection-empty', severity: 'warning' },
    message: `no resources found${where}`,
    ...(all.length > 0 && { hint: `${all.length} in other namespaces: -A shows them` }),
  };
}

const FORMS = ['wide', 'name', 'json', 'yaml'] as const;
const knownForm = oneOf('--output', FORMS);

/** What kubectl makes of a template, a reader of JSON makes of `-o json`. */
const outputForm = withWords(FORMS, (text: string) => {
  if (/^(?:jsonpath|go-template|custom-columns)/.test(text))
    throw new UsageError(`-o ${text.replace(/=.*/s, '')} is not a form of vipc`, {
      hint: "vipc get … -o json | jq -r '.items[].metadata.name'",
    });
  return knownForm(text);
});

const EXAMPLES = `
Examples:
  # The Services and endpoints of a saved cluster, as kubectl would show them
  vipc get svc -A -f cluster.yaml
  vipc get endpointslices -n shop -f cluster.yaml
  vipc get svc web -n shop -f cluster.yaml -o yaml
  # Those with a label, without the line of headings
  vipc get svc -n shop -l app=web --no-headers -f cluster.yaml
  # A Service beside its endpoints
  vipc get svc,ep web -n shop -f cluster.yaml

Kinds: services (service, svc), endpoints (ep), endpointslices (endpointslice). Endpoints that the input does not have are made of EndpointSlices. What objects lack is filled in as for every other command; -o yaml and -o json print what the input holds. AGE counts to now.
`;

/** Defines the flags, the help and the action. */
export function define(command: Command, terminal: Terminal, done: Done): void {
  addObjectFlags(command)
    .argument('<kind>', 'services, endpoints or endpointslices; also svc, ep; several with commas')
    .argument('[names...]', 'only these objects; also KIND/NAME...')
    .description(
      'Shows Services, Endpoints or EndpointSlices of an input in the tables of kubectl.',
    )
    .option(
      '-n, --namespace <name>',
      'their namespace (default: default)',
      objectName('--namespace'),
    )
    .addOption(serviceCidrOption())
    .addOption(new Option('-A, --all-namespaces', 'of all namespaces').default(false))
    .option(
      '-l, --selector <labels>',
      "only objects with these labels: app=web, 'app!=web', 'app in (web,api)', app, '!app'",
      labelSelector('--selector'),
    )
    .option('--no-headers', 'tables without their first line')
    .option('--show-labels', 'tables with the labels of objects as their last column')
    .option('-o, --output <form>', 'wide, name, json or yaml; without it a table', outputForm)
    .addHelpText('after', EXAMPLES)
    .action(async (kind: string, names: readonly string[], flags: GetFlags) => {
      done(await getCommand([kind, ...names], flags, terminal));
    });
}
