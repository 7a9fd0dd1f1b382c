/** Compares the rules of one family with what the objects say. */

import { behaviourOf } from '../backends/behaviour.js';
import { BACKENDS } from '../backends/index.js';
import type { NamedRules } from '../backends/named-rules.js';
import { type NodeSettings, otherSettings } from '../backends/node-settings.js';
import type { HostFacts } from '../config/types.js';
import { judgingOf } from '../explain/acceptance.js';
import { brokenFrontends } from '../explain/counterexample.js';
import { settingOf } from '../explain/expected.js';
import { knownMachine, machineOf } from '../explain/machine.js';
import { verify } from '../explain/verify.js';
import type { Model } from '../model/types.js';
import type { Chain } from '../netfilter/program.js';
import { Router } from '../netfilter/route.js';
import type { Rule } from '../netfilter/rule.js';
import type { Interpretation, Interpreted } from './compiled-inputs.js';
import type { SelectionFlags } from './kept-services.js';
import { type SettingsFlags, settingsInWords } from './node-settings.js';
import { selectedOrigins } from './verify-flags.js';
import type { Verified } from './views/verify.js';

/** Verifies the rules of one family. Services that are incomplete are left out. */
export function verifyFamily(
  model: Model,
  rules: NamedRules,
  {
    mode,
    snapshot,
    incomplete,
    config,
  }: Pick<Interpreted<Interpretation>, 'mode' | 'snapshot' | 'incomplete' | 'config'>,
  flags: SelectionFlags & SettingsFlags,
  facts: HostFacts | undefined,
): Verified {
  const { isForServices } = BACKENDS[mode];
  const behaviour = behaviourOf(BACKENDS[mode], config.profile);
  const { family, nodeName } = model.context;
  const observed = settingsOf(rules.settings(), flags);
  const context = { ...model.context, ...otherSettings(observed, model.context) };
  const machine = knownMachine(machineOf(family, facts, snapshot.nodes.get(nodeName)));
  const router = new Router(rules.program, machine);
  const setting = settingOf({ ...model, context }, machine, behaviour);
  const options = {
    owns: (chain: Pick<Chain, 'table' | 'name'>, rule: Rule | undefined): boolean =>
      isForServices(chain.table, chain.name, rule?.comment ?? ''),
    selects: selectedOrigins(flags, incomplete),
  };
  const verdict = verify(router, { ...model, context }, setting, options);
  return {
    ...{ family, against: rules.name, verdict },
    broken: brokenFrontends(router, verdict.findings, judgingOf(setting, options.owns)),
    settings: settingsInWords(observed, model, mode, snapshot),
  };
}

/** What is taken from the rules, because no flag says how the node is configured. */
function settingsOf(found: NodeSettings, { config, clusterCidr }: SettingsFlags): NodeSettings {
  if (config !== undefined) return {};
  const { localDetector, ...others } = found;
  return clusterCidr === undefined && localDetector !== undefined
    ? { ...others, localDetector }
    : others;
}
