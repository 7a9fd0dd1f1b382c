/** The rules of one machine, in one family or in both, ready to be asked about packets. */

import type { Compilation } from '../backends/backend.js';
import {
  familiesOfText,
  type NamedRules,
  rulesOfRuleset,
  rulesOfText,
} from '../backends/named-rules.js';
import type { HostFacts } from '../config/types.js';
import { UsageError } from '../errors.js';
import { getOrInsert } from '../grouping.js';
import { isArray, isObject } from '../input/value.js';
import type { Model } from '../model/types.js';
import { type Family, inetNtop, isLoopback } from '../net/ip.js';
import { lazy } from '../netfilter/program.js';
import type { Ruleset } from '../ruleset/types.js';
import type { Node, Snapshot } from '../snapshot/types.js';
import {
  askedOf,
  familiesFirst,
  type Known,
  type Question,
  type QuestionFault,
} from './question.js';
import { type TracedPacket, tracedPacket } from './traced-packet.js';
import { Tracer } from './tracer.js';

/**
 * Rules: the text of a dump of iptables-save or `nft -j list ruleset` (with a name for messages
 * where it has one), a Ruleset, or what a snapshot compiles to.
 */
export type RuleSource =
  | string
  | { readonly name: string; readonly text: string }
  | Ruleset
  | Compilation;

/** What is known of the machine besides its rules. */
export interface NodeFacts {
  /** Its addresses are asked about by rules of node ports. */
  readonly host?: HostFacts | undefined;
  /** The Nodes, for their addresses. */
  readonly snapshot?: Pick<Snapshot, 'nodes'> | undefined;
  /**
   * What objects mean on the machine: for names of Services and roles of senders where the rules
   * are a dump. Default: the rules, where they are compiled.
   */
  readonly compiled?: Compilation | readonly Compilation[] | undefined;
}

/** Rules that can be asked about packets. */
export interface NodeRules {
  /**
   * What becomes of the first packet of a connection. Throws UsageError for words that mean
   * nothing, and for a family that the rules do not have.
   */
  readonly trace: (question: Question) => TracedPacket;
}

/**
 * The rules of a machine, read once for many questions; of both families as a list. Throws
 * ParseError, when it is asked, for a dump that cannot be read.
 */
export function nodeRules(
  rules: RuleSource | readonly RuleSource[],
  { host, snapshot, compiled }: NodeFacts = {},
): NodeRules {
  const parts = listOf(rules);
  const compilations = compiled === undefined ? parts.filter(isCompilation) : listOf(compiled);
  const models = compilations.map(({ model }) => model);
  const nodes = snapshot?.nodes ?? nodesOf(models);
  const known = lazy((): Known => {
    const families = parts.flatMap(familiesOfPart);
    return { host, models: familiesFirst(models, families), nodes };
  });
  const read = new Map<Family, { readonly named: NamedRules; readonly tracer: Tracer }>();
  return {
    trace: (question) => {
      const { family, machine, packet } = orUsage(askedOf(question, known()));
      const { named, tracer } = getOrInsert(read, family, () => {
        const rules = rulesIn(parts, family);
        return { named: rules, tracer: new Tracer(rules, machine, 'nominal') };
      });
      const { affinity } = question;
      return tracedPacket(orUsage(tracer.trace(packet, { affinity })), named);
    },
  };
}

/** Rules of one family, of both as a list, or read before by {@link nodeRules}. */
export type Rules = RuleSource | readonly RuleSource[] | NodeRules;

/** What rules do with one packet: {@link nodeRules} reads rules once for many of them. */
export function trace(rules: Rules, question: Question): TracedPacket {
  return (isNodeRules(rules) ? rules : nodeRules(rules)).trace(question);
}

/** The rules in a value of unknown type. Throws UsageError for any other value. */
export function rulesFrom(value: unknown): Rules {
  if (isArray(value) ? value.every(isRuleSource) : isRuleSource(value)) return value as Rules;
  if (isObject(value) && typeof value.trace === 'function') return value as unknown as NodeRules;
  throw new UsageError(`a value of type ${typeof value} holds no rules`, {
    hint: 'give the text of a dump, what compileSnapshot returns, or nodeRules of these',
  });
}

function isRuleSource(value: unknown): value is RuleSource {
  if (typeof value === 'string') return true;
  return isObject(value) && ['text', 'frame', 'ruleset'].some((field) => field in value);
}

function listOf<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? value : [value as T];
}

function isNodeRules(value: Rules): value is NodeRules {
  return typeof value === 'object' && 'trace' in value;
}

function isCompilation(rules: RuleSource): rules is Compilation {
  return typeof rules === 'object' && 'model' in rules;
}

function familiesOfPart(part: RuleSource): readonly Family[] {
  if (typeof part === 'string') return familiesOfText(part);
  if ('text' in part) return familiesOfText(part.text);
  return [(isCompilation(part) ? part.ruleset : part).family];
}

/** The rules of one family, which one of the parts has. */
function rulesIn(parts: readonly RuleSource[], family: Family): NamedRules {
  const found = parts.flatMap((part) => rulesOfPart(part, family));
  const [first, ...others] = found;
  if (others.length > 0)
    throw new UsageError(`the rules have two parts of ${family}`, {
      hint: 'save all tables into one dump',
    });
  if (first !== undefined) return first;
  throw new UsageError(`the packet is of ${family}, and the rules have none of that family`, {
    hint: 'give the rules of both families, as a list',
  });
}

function rulesOfPart(part: RuleSource, family: Family): NamedRules | [] {
  if (typeof part === 'string') return rulesOfPart({ name: 'rules', text: part }, family);
  if ('text' in part) {
    const shown = familiesOfText(part.text);
    return shown.length > 0 && !shown.includes(family)
      ? []
      : rulesOfText(part.text, part.name, family);
  }
  const ruleset = isCompilation(part) ? part.ruleset : part;
  return ruleset.family === family ? rulesOfRuleset(ruleset) : [];
}

/** The Node of the models, as far as they know it: its primary addresses. */
function nodesOf(models: readonly Model[]): ReadonlyMap<string, Node> {
  const nodes = new Map<string, Node>();
  const name = models[0]?.context.nodeName ?? '';
  const addresses = models
    .filter(({ context }) => !isLoopback(context.nodeIp))
    .map(({ context }) => ({ type: 'InternalIP', address: inetNtop(context.nodeIp) }));
  if (name !== '' && addresses.length > 0)
    nodes.set(name, {
      ...{ apiVersion: 'v1', kind: 'Node', metadata: { name } },
      status: { addresses },
    });
  return nodes;
}

function orUsage<T extends object>(found: T | QuestionFault): T {
  if (!('fault' in found)) return found;
  throw new UsageError(`${found.part}: ${found.fault}`, { hint: found.hint });
}
