/** `vipc explain`: what a Service does on a node and why, and what is wrong with it. */

import type { Command } from 'commander';
import { behaviourOf } from '../../backends/behaviour.js';
import { BACKENDS } from '../../backends/index.js';
import type { Diagnostic } from '../../diagnostics.js';
import { UsageError } from '../../errors.js';
import { checksOf } from '../../explain/all-checks.js';
import type { Check } from '../../explain/checks.js';
import { podsByAddress } from '../../explain/pods.js';
import { type ExplainedService, explainService } from '../../explain/service.js';
import { missingChecks } from '../../explain/service-checks.js';
import { CommandHost } from '../../host/command-host.js';
import type { Host } from '../../host/host.js';
import { buildModel } from '../../model/build.js';
import type { Model } from '../../model/types.js';
import { lazy } from '../../netfilter/program.js';
import { modelSettings } from '../../pipeline.js';
import { AUTO, DEFAULT_PROFILE } from '../../profiles/profiles.js';
import { type Excerpt, excerptOf } from '../../snapshot/excerpt.js';
import { type LoadedSnapshot, loadSnapshot } from '../../snapshot/load.js';
import { locate } from '../../snapshot/locate.js';
import type { AgainstAll } from '../against.js';
import { type ChainOptions, portChains } from '../chain-names.js';
import { FAMILIES } from '../compiled-inputs.js';
import { addFormFlags, type FormFlags } from '../flags.js';
import { addInputFlags, type InputFlags } from '../input-flags.js';
import { chooseNode } from '../node-choice.js';
import { comparedRules, observe } from '../observed-rules.js';
import { type Inputs, readAutoInputs } from '../read-inputs.js';
import {
  addRuleFlags,
  type DumpFile,
  type RuleFlags,
  readDumpFile,
  readsKernel,
} from '../rule-sources.js';
import { isPort, type ServiceArgument, serviceArgument } from '../service-argument.js';
import { lengthOf } from '../sources.js';
import type { Done, Terminal } from '../terminal.js';
import { explanationView } from '../views/explain.js';
import type { Explanation } from '../views/explain-json.js';
import { type Remarks, writeResult } from '../views/view.js';
import { followingWriter } from '../written-profile.js';

/** The flags of `vipc explain`, checked one by one. */
export interface ExplainFlags extends Omit<InputFlags, 'family'>, RuleFlags, FormFlags {}

/**
 * Explains one Service. 0: nothing is wrong with it, as far as the input shows; 1: some client gets
 * no answer, or there is no such Service. Objects that were left out are named.
 */
export async function explainCommand(
  argument: string,
  flags: ExplainFlags,
  terminal: Terminal,
  host: Host = new CommandHost(),
): Promise<number> {
  const asked = serviceArgument(argument, flags.namespace);
  const isKernel = readsKernel(flags, false);
  const profile = flags.rules === undefined ? undefined : AUTO;
  const read = await readAutoInputs(flags, terminal, 'required', profile);
  const isDump = flags.rules !== undefined && !isKernel;
  const dump = isDump ? await readDumpFile(flags.rules) : undefined;
  const given = await withRulesMode(read, flags, dump, isKernel ? host : undefined);
  const looked = flags.rules === undefined ? undefined : { ...flags, rules: flags.rules };
  const there = looked && lazy(() => comparedRules(given.mode, dump, looked, host));
  const inputs = await followingRules(given, there);
  const { sources, restore } = excerptFor(asked, inputs, flags);
  const loaded = loadSnapshot(sources, { serviceCidrs: flags.serviceCidr, workloads: true });
  const node = chooseNode(loaded.snapshot, {
    flag: flags.nodeName,
    config: inputs.config,
    host: inputs.host,
  });
  const options = optionsOf(inputs, flags, node.nodeName);
  const models = FAMILIES.dual.map((family) =>
    buildModel(loaded.snapshot, modelSettings(options), family),
  );
  const explained = explainedOf(asked, models, options);
  const observed =
    explained === undefined || looked === undefined || there === undefined
      ? undefined
      : await observe({ explained, loaded, models, options }, await there(), looked, host);
  const checks = [...answersOf(asked, explained, loaded, models), ...(observed?.checks ?? [])];
  const explanation: Explanation = {
    ...{ name: asked.name, explained, checks, differences: observed?.differences },
    pods: podsByAddress(loaded.workloads),
    chains: new Map(
      models.map((model) => [
        model.context.family,
        explained === undefined
          ? new Map()
          : portChains(asked.name, loaded.snapshot, model, options),
      ]),
    ),
  };
  const diagnostics = [
    ...inputs.diagnostics,
    ...node.diagnostics,
    ...loaded.diagnostics,
    ...(observed?.diagnostics ?? []),
  ].filter(({ code, severity }) => severity !== 'note' || SHOWN.test(code));
  const remarks: Remarks = {
    diagnostics,
    locate: (some) =>
      locate(some, loaded, sources).map((found) =>
        found.position === undefined ? found : { ...found, position: restore(found.position) },
      ),
  };
  await writeResult(explanationView(explanation, flags.verbose), remarks, flags, terminal);
  return checks.some(({ state }) => state === 'problem') ? 1 : 0;
}

/** Rules that are looked at are of the mode that they are written in, and of their machine. */
async function withRulesMode(
  inputs: Inputs,
  flags: ExplainFlags,
  dump: DumpFile | undefined,
  machine: Host | undefined,
): Promise<Inputs> {
  const { rules, mode } = flags;
  if (machine !== undefined) {
    const { layout } = inputs.config;
    const { kernel } = BACKENDS[inputs.mode];
    const options = { layout, iptables: flags.iptables };
    const facts = inputs.host ?? (await kernel.facts(machine, options)).facts;
    return { ...inputs, host: facts };
  }
  if (dump === undefined) return inputs;
  if (mode !== undefined && mode !== dump.mode)
    throw new UsageError(
      `${JSON.stringify(rules)} is of mode ${dump.mode}, and --mode says ${mode}`,
    );
  return { ...inputs, mode: dump.mode };
}

/**
 * Without a profile the rules are compared with those of the kube-proxy that wrote them, as diff
 * does.
 */
async function followingRules(
  inputs: Inputs,
  there: (() => Promise<AgainstAll>) | undefined,
): Promise<Inputs> {
  if (there === undefined) return followingWriter(inputs, undefined);
  const isOpen = inputs.profile === '' && !inputs.isOwnLayout;
  const followed = await followingWriter(isOpen ? { ...inputs, profile: AUTO } : inputs, async () =>
    (await there()).sides.map(({ name, rules }) => ({ name, writers: () => rules.writers() })),
  );
  const isUsual = isOpen && followed.config.profile.name === DEFAULT_PROFILE.name;
  return isUsual ? { ...followed, diagnostics: followed.diagnostics.filter(isWarning) } : followed;
}

function isWarning({ severity }: Diagnostic): boolean {
  return severity !== 'note';
}

/** Notes that say how the input is understood. */
const SHOWN = /^node-|^profile-/;

/** Less text is read whole in a moment. */
const EXCERPT_LENGTH = 1_000_000;

/** What of a large input is about the Service; of a small one all, which may show what is odd. */
function excerptFor(
  { name }: ServiceArgument,
  { sources, config, host }: Inputs,
  { nodeName, hostnameOverride }: ExplainFlags,
): Excerpt {
  const node = nodeName || hostnameOverride || config.hostnameOverride || host?.nodeName || '';
  const whole: Excerpt = { sources, restore: (position) => position };
  if (lengthOf(sources) < EXCERPT_LENGTH) return whole;
  return excerptOf(sources, { service: name, nodeName: node }) ?? whole;
}

function optionsOf(
  { config, host, layout, mode }: Inputs,
  { zone }: ExplainFlags,
  nodeName: string,
): ChainOptions {
  return { config, nodeName, mode, zone, host, layout };
}

/** Throws UsageError for a port that the Service does not have. */
function explainedOf(
  { name, port }: ServiceArgument,
  models: readonly Model[],
  { mode, config }: ChainOptions,
): ExplainedService | undefined {
  const behaviour = behaviourOf(BACKENDS[mode], config.profile);
  const found = explainService(name, models, behaviour, (one) => isPort(one, port));
  if (found === undefined || port === undefined || found.families.length > 0) return found;
  const ports = (found.service.spec.ports ?? []).map(({ port: number, name: text = '' }) =>
    text === '' ? `${number}` : `${number} (${text})`,
  );
  throw new UsageError(`Service ${name} has no port ${port}`, {
    hint: `it has ${ports.join(', ')}`,
  });
}

function answersOf(
  { name }: ServiceArgument,
  explained: ExplainedService | undefined,
  loaded: LoadedSnapshot,
  models: readonly Model[],
): readonly Check[] {
  return explained === undefined
    ? missingChecks(name, loaded.snapshot)
    : checksOf({ explained, loaded, models });
}

const EXAMPLES = `
Examples:
  # Why does my ClusterIP not answer?
  kubectl get services,endpointslices,nodes,servicecidrs,pods,deployments -A -o yaml > cluster.yaml
  vipc explain shop/web -f cluster.yaml --node-name worker-1

  # One port, by its name; every check, and every endpoint
  vipc explain -n shop svc/web:http -f cluster.yaml -v

  # Are the rules of the node right, and where does a packet go?
  iptables-save > rules
  vipc explain shop/web -f cluster.yaml --node-name worker-1 --rules rules
  sudo vipc explain shop/web -f cluster.yaml --node-name worker-1 --rules kernel

  # By the name that a client uses
  vipc explain web.shop.svc.cluster.local -f cluster.yaml

A check is a question of the usual troubleshooting guides, answered from the input: ok, problem, warning or unknown. Checks of Pods are unknown without Pods in the input.

With -o json: {"service", "found", "dns" (its "name", and for an ExternalName the "alias" that DNS answers with), "checks", "families", "leftOut", "differences", "diagnostics"}; "differences", with --rules, are the families of vipc diff. Each family has "ports" with "addresses" (the outcome for "pod", "node" and "outside"), "endpoints" (the reason of each, "cluster" and "local") and the "chains" of both modes.
`;

/** Defines the flags, the help and the action. */
export function define(command: Command, terminal: Terminal, done: Done): void {
  addRuleFlags(addInputFlags(command));
  addFormFlags(command, 'show every check, and every endpoint')
    .argument('<service>', '[svc/][NAMESPACE/]NAME[:PORT], or NAME.NAMESPACE[.svc]')
    .description(
      'Explains a Service on a node: its addresses, the endpoints of each kind of client, why others are not used, and what is wrong. With --rules also what the rules of a node do with its traffic.',
    )
    .addHelpText('after', EXAMPLES)
    .action(async (service: string, flags: ExplainFlags) => {
      done(await explainCommand(service, flags, terminal));
    });
}
