/** The rules of one family as a program, read from a dump, a file or the kernel. */

import type { Diagnostic } from '../diagnostics.js';
import { ParseError, UsageError } from '../errors.js';
import type { Frontend } from '../flows/frontends.js';
import type { Protocol } from '../model/types.js';
import { type Cidr, cidrFamily } from '../net/cidr.js';
import type { Family, Ip } from '../net/ip.js';
import { lazy, type Program, withMissingTables } from '../netfilter/program.js';
import type { BackendName, Ruleset } from '../ruleset/types.js';
import { BACKENDS } from './index.js';
import type { KernelRules } from './kernel-rules.js';
import { type LongText, linesOf } from './long-text.js';
import type { NodeSettings } from './node-settings.js';
import type { Writers } from './writers.js';

/**
 * The rules of a family, and where they are from. What is a function reads many rules, and does it
 * once, when it is asked for.
 */
export interface NamedRules {
  /** A path, `compiled for mode nftables`, or `the kernel (iptables-nft 1.8.9)`. */
  readonly name: string;
  readonly program: Program;
  /** Every address and port that the rules answer on. */
  readonly frontends: () => readonly Frontend<Protocol>[];
  /** Addresses that the rules call ClusterIPs. */
  readonly clusterIps: () => readonly Ip[];
  /** Addresses that accept node ports, where the rules list them. */
  readonly nodePortIps: () => readonly Ip[];
  /** The network of Pods that the rules match as a source. */
  readonly podNetworks: () => readonly Cidr[];
  /** Whether kube-proxy or vipc has loaded rules of some mode. */
  readonly isProgrammed: () => boolean;
  /** The settings of the node that they show. */
  readonly settings: () => NodeSettings;
  /** Who can have written those of a mode; those of the other one where that has none. */
  readonly writers: (mode: BackendName) => Writers;
  readonly diagnostics: readonly Diagnostic[];
}

/** Which tool a text is from: nft prints JSON, and takes scripts of `add …` commands. */
export function modeOf(text: LongText): BackendName {
  for (const { text: part } of linesOf(text)) {
    const beginning = part.trimStart();
    if (beginning !== '')
      return /^(?:\{|(?:add|create|delete|destroy|flush) )/.test(beginning)
        ? 'nftables'
        : 'iptables';
  }
  return 'iptables';
}

/** The families that the text of a dump of either tool shows; none where it does not. */
export function familiesOfText(text: LongText): readonly Family[] {
  return BACKENDS[modeOf(text)].familiesOf(text);
}

/**
 * The rules of one family in a dump: of iptables-save, of `nft -j list ruleset`, or a document of
 * ours. `name` is what errors call it; `shown`: its families, where they are known; `late`: for
 * questions about a few of the rules. Throws ParseError, also for a dump without any table, and
 * UsageError where the dump is of the other family.
 */
export function rulesOfText(
  text: LongText,
  name: string,
  family: Family,
  shown: readonly Family[] = familiesOfText(text),
  late = false,
): NamedRules {
  const mode = modeOf(text);
  if (shown.length > 0 && !shown.includes(family))
    throw new UsageError(
      `${JSON.stringify(name)} holds ${shown.join(' and ')} rules, not ${family}`,
    );
  return rulesThatWereRead(BACKENDS[mode].read(text, { name, family, late }), mode, name, family);
}

/** The same of a dump that was read. Throws ParseError for one without any table. */
export function rulesThatWereRead(
  read: KernelRules,
  mode: BackendName,
  name: string,
  family: Family,
): NamedRules {
  const rules = { ...namedRules(read, name, family), diagnostics: read.remarks(name) };
  const { program } = rules;
  if (isEmpty(program) && program.unread.length === 0)
    throw new ParseError(`${JSON.stringify(name)} has no rules and no chains`, 0, {
      hint: 'dump all rules with iptables-save or "nft -j list ruleset", as root',
    });
  return mode === 'iptables' ? { ...rules, program: withMissingTables(program) } : rules;
}

function isEmpty({ tables }: Program): boolean {
  return [...tables.values()].every(({ size }) => size === 0);
}

/** The rules that a Ruleset would load. */
export function rulesOfRuleset(ruleset: Ruleset): NamedRules {
  const { backend, family } = ruleset;
  const { print, read } = BACKENDS[backend];
  return namedRules(read(print(ruleset), { family }), `compiled for mode ${backend}`, family);
}

/** The rules of one family that were read. */
export function namedRules(rules: KernelRules, name: string, family: Family): NamedRules {
  const settings = lazy(() => rules.settings());
  return {
    ...{ name, settings, diagnostics: [] },
    writers: lazy(() => rules.writers()),
    isProgrammed: () => rules.isProgrammed(),
    program: rules.program(),
    frontends: lazy(() => rules.allFrontends(family)),
    clusterIps: lazy(() => rules.clusterIps(family)),
    nodePortIps: lazy(() => rules.nodePortIps(family)),
    podNetworks: () => {
      const { localDetector } = settings();
      return localDetector?.kind === 'source' && cidrFamily(localDetector.cidr) === family
        ? [localDetector.cidr]
        : [];
    },
  };
}
