/**
 * The demo behind scripts/demo: manifests as people write them, the rules that vipc makes of them,
 * and, as root, a client in a network namespace that connects to the ClusterIP and gets answers of
 * pods.
 */

import { readFile } from 'node:fs/promises';
import { execa } from 'execa';
import { type Dump, parseDump } from '../src/backends/iptables/syntax/parse.js';
import {
  CLIENT_ADDRESSES,
  NODE_IP,
  POD_NAMES,
  PODS,
  SERVICE_CIDR,
} from '../test/packets/addresses.js';
import { openTopology, type Topology } from '../test/packets/topology.js';
import { loadDocument, saveDocument, VARIANTS } from '../test/support/kernels/iptables-variants.js';
import { whatIsMissing } from '../test/support/kernels/kernel-tools.js';

const CONNECTIONS = 60;
const DEMO = 'fixtures/demo';
const COMMAND = [
  ...['compile', '-f', `${DEMO}/manifests`],
  ...['--config', `${DEMO}/kube-proxy.yaml`, '--host', `${DEMO}/host.yaml`],
  ...['--service-cidr', SERVICE_CIDR.IPv4, '--family', 'ipv4'],
];
const CLIENT = CLIENT_ADDRESSES[0]?.IPv4 ?? '';
const [VARIANT] = VARIANTS;

const bold = (text: string) => (process.stdout.isTTY ? `\u001b[1m${text}\u001b[0m` : text);
const heading = (text: string) => console.log(`\n${bold(text)}\n`);
const indented = (lines: readonly string[]) =>
  console.log(lines.map((line) => `  ${line}`).join('\n'));

/** What the built command prints, with its notes. */
async function compile(): Promise<{ readonly document: string; readonly notes: string }> {
  const { stdout, stderr } = await execa('node', ['dist/cli/main.js', ...COMMAND, '-v'], {
    stripFinalNewline: false,
  });
  return { document: stdout, notes: stderr.trimEnd() };
}

/** The rule lines of the demo's Service: those that name it, and the one that leads to it. */
function serviceRules(document: string): readonly string[] {
  return document
    .split('\n')
    .filter((line) => line.startsWith('-A') && line.includes('default/web'));
}

function clusterIpOf(rules: readonly string[]): string {
  const found = /^-A KUBE-SERVICES -d ([\d.]+)/m.exec(rules.join('\n'))?.[1];
  if (found === undefined) throw new Error('no rule for a ClusterIP');
  return found;
}

/** Sends the connections, and prints who answered how often. */
async function askClusterIp(topology: Topology, clusterIp: string): Promise<void> {
  const probe = {
    transport: 'tcp',
    host: clusterIp,
    port: 80,
    source: CLIENT,
    timeoutMs: 4000,
  } as const;
  const outcomes = await topology.stations.client.probe(new Array(CONNECTIONS).fill(probe));
  const answers = POD_NAMES.map((pod) => ({
    pod,
    count: outcomes.filter((outcome) => outcome.kind === 'answer' && outcome.by === pod).length,
  }));
  indented(
    answers.map(({ pod, count }) =>
      [
        pod.padEnd(11),
        PODS[pod].IPv4.padEnd(12),
        PODS[pod].node,
        String(count).padStart(4),
        '#'.repeat(count),
      ].join(' '),
    ),
  );
  const silent = outcomes.filter((outcome) => outcome.kind !== 'answer').length;
  if (silent > 0) throw new Error(`${silent} of ${CONNECTIONS} connections were not answered`);
}

/**
 * The nat rules that packets met, in the order in which a packet meets their chains, with their
 * packet counts.
 */
function countedRules(dump: Dump): readonly string[] {
  const chains = dump.tables.get('nat');
  if (chains === undefined) return [];
  const order = [
    'PREROUTING',
    'KUBE-SERVICES',
    'KUBE-SVC-',
    'KUBE-MARK-MASQ',
    'KUBE-SEP-',
    'POSTROUTING',
    'KUBE-POSTROUTING',
  ];
  return order.flatMap((start) =>
    [...chains]
      .filter(([name]) => (start.endsWith('-') ? name.startsWith(start) : name === start))
      .flatMap(([, { rules, ruleCounters }]) =>
        rules.flatMap((rule, i) => {
          const packets = ruleCounters?.[i]?.packets ?? 0n;
          return packets === 0n ? [] : [`${String(packets).padStart(4)}  ${withoutComment(rule)}`];
        }),
      ),
  );
}

function withoutComment(rule: string): string {
  return rule.replace(/ -m comment --comment ("[^"]*"|\S+)/, '').replace(/^-A /, '');
}

/**
 * One connection from end to end, as connection tracking remembers it: before and after
 * translation.
 */
async function onePath(topology: Topology, clusterIp: string): Promise<readonly string[]> {
  const table = await topology.node.run('conntrack', ['-L', '-p', 'tcp', '--orig-dst', clusterIp]);
  const entry =
    /src=(\S+) dst=(\S+) sport=(\d+) dport=(\d+).*src=(\S+) dst=(\S+) sport=(\d+) dport=(\d+)/.exec(
      table,
    );
  if (entry === null)
    throw new Error('connection tracking remembers no connection to the ClusterIP');
  const [, client, vip, clientPort, port, pod, node, podPort, nodePort] = entry;
  return [
    `the client sends     ${client}:${clientPort} -> ${vip}:${port}`,
    `the pod receives     ${node}:${nodePort} -> ${pod}:${podPort}`,
    `the pod answers      ${pod}:${podPort} -> ${node}:${nodePort}`,
    `the client receives  ${vip}:${port} -> ${client}:${clientPort}`,
  ];
}

async function showPackets(document: string, clusterIp: string): Promise<void> {
  if (VARIANT === undefined) return;
  const topology = await openTopology();
  try {
    await loadDocument(topology.node, VARIANT, 'IPv4', document);
    heading(
      `3. The rules are in the kernel of a throw-away node; ${CLIENT} connects ${CONNECTIONS} times to ${clusterIp}:80`,
    );
    await askClusterIp(topology, clusterIp);
    heading('4. The rules that those packets met, with the number of packets');
    indented(countedRules(parseDump(await saveDocument(topology.node, VARIANT, 'IPv4', true))));
    heading(`5. One of the connections through ${NODE_IP.IPv4}, the node`);
    indented(await onePath(topology, clusterIp));
  } finally {
    await topology.close();
  }
}

const { document, notes } = await compile();
const rules = serviceRules(document);
const service = await readFile(`${DEMO}/manifests/service.yaml`, 'utf8');
heading(`1. A Service as people write it, beside its Pods in ${DEMO}/manifests`);
indented([...service.trimEnd().split('\n'), '', ...notes.split('\n')]);
heading(`2. vipc ${COMMAND.join(' ')}`);
indented([
  ...rules,
  `… and ${document.split('\n').filter((line) => line.startsWith('-A')).length - rules.length} lines that every node has`,
]);
const missing = whatIsMissing([...(VARIANT?.tools ?? []), 'conntrack']);
if (missing === '') await showPackets(document, clusterIpOf(rules));
else heading(`To see packets take these rules the demo needs ${missing}.`);
