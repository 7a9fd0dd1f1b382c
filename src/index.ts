/**
 * vipc as a library: Kubernetes objects in, netfilter rules out. Nothing here touches the network,
 * the kernel, the process or a file, and nothing needs Node.js: bundlers for browsers take it too.
 */

export type { Compilation, ParseOptions, PrintOptions } from './backends/backend.js';
export { builtinLayout } from './backends/index.js';
export {
  type Dump,
  type DumpChain,
  equalDumps,
  parseDump as parse,
} from './backends/iptables/index.js';
export type { KernelRules } from './backends/kernel-rules.js';
export type { Layout } from './backends/layout.js';
export {
  type Dump as NftDump,
  type DumpTable as NftTable,
  type DumpUnit as NftUnit,
  equalDumps as equalNftDumps,
  parseDump as parseNft,
} from './backends/nftables/index.js';
export type { InputTarget } from './backends/tools.js';
export type { LoadInput, Transaction } from './backends/transaction.js';
export type { Expectation, ExpectedEndpoints } from './behaviour/expectation.js';
export { type Failure, failureOf } from './behaviour/failure.js';
export {
  type NodeFacts,
  type NodeRules,
  nodeRules,
  type RuleSource,
  type Rules,
  trace,
} from './behaviour/node-rules.js';
export type { Question } from './behaviour/question.js';
export type { Share } from './behaviour/share.js';
export type { PacketOutcome, PacketVerdict, TracedPacket } from './behaviour/traced-packet.js';
export { defaultConfig } from './config/defaults.js';
export { loadHostFacts } from './config/host-facts.js';
export { loadConfig } from './config/load.js';
export type { HostFacts, ProxyConfig } from './config/types.js';
export { diagnosticText } from './diagnostic-text.js';
export {
  type Diagnostic,
  hasErrors,
  type ObjectRef,
  type Position,
  type Severity,
} from './diagnostics.js';
export * from './error-codes.js';
export * from './errors.js';
export type { Source } from './input/source.js';
export { buildModel } from './model/build.js';
export type { BackendSettings, ModelSettings } from './model/settings.js';
export type {
  Endpoint,
  LocalDetector,
  Model,
  NodeContext,
  NodePortAddresses,
  Pools,
  ServicePort,
} from './model/types.js';
export { type Cidr, parseCidr } from './net/cidr.js';
export { type Family, type Ip, parseIp } from './net/ip.js';
export type * from './netfilter/program.js';
export type {
  Action as RuleAction,
  Condition as RuleCondition,
  Rule,
  Statement as RuleStatement,
  Verdict,
} from './netfilter/rule.js';
export {
  type Compiled,
  type CompileOptions,
  compile,
  compileSnapshot,
  modelSettings,
  planInput,
  print,
  readRules,
} from './pipeline.js';
export type * from './plan/summary-types.js';
export type * from './plan/types.js';
export type { BackendName, Fragment, Ruleset } from './ruleset/types.js';
export { type LoadedSnapshot, loadSnapshot } from './snapshot/load.js';
export type { InputOptions } from './snapshot/loading.js';
export { locate } from './snapshot/locate.js';
export type * from './snapshot/types.js';
export { type SnapshotChange, updateSnapshot } from './snapshot/update.js';
