/** What each kind of client is said to get is what the rules of kube-proxy do with its packets. */

import { expect } from 'chai';
import { BACKENDS } from '../../src/backends/index.js';
import { CLIENTS, type Client, portAddresses } from '../../src/explain/clients.js';
import type { Decision } from '../../src/explain/expected.js';
import { elsewhere, machineOf, meeting, without } from '../../src/explain/machine.js';
import { sourceOf } from '../../src/explain/places.js';
import { type Packet, tracePacket } from '../../src/explain/trace.js';
import { type BackendName, type Family, loadHostFacts, readRules } from '../../src/index.js';
import type { Model, ServicePort } from '../../src/model/types.js';
import { cidrContains } from '../../src/net/cidr.js';
import { type Ip, joinHostPort } from '../../src/net/ip.js';
import { Router } from '../../src/netfilter/route.js';
import { conformanceCases, loadCase, readCaseFile } from '../support/cases/conformance-cases.js';
import { isRecorded, recordedRules } from '../support/cases/recorded-rules.js';

/** What a decision comes to, for each endpoint: `to 10.0.0.1:80 masqueraded`. */
function said(decision: Decision, { pools }: ServicePort): readonly string[] {
  if (decision.kind === 'outcome') return [decision.outcome.split(' ')[0] ?? ''];
  const how = decision.masquerade ? ' masqueraded' : '';
  return pools[decision.pool].map(({ target }) => `to ${target}${how}`);
}

const CASES =
  /kitchen-sink|local|polic|ranges|no-endpoints|loadbalancer-vip$|[0-9]-external-ip|masquerade-all|terminating|zone/;
const found = conformanceCases().filter(
  ({ name, recordedHere }) => recordedHere && CASES.test(name),
);

describe('explain/clients', () => {
  for (const one of found)
    for (const mode of ['iptables', 'nftables'] satisfies BackendName[])
      it(`${one.name} in mode ${mode}`, () => {
        if (!isRecorded(one, mode)) return;
        const { compile } = loadCase(one, mode);
        const host = loadHostFacts(readCaseFile(one, 'host.yaml'), 'host.yaml');
        for (const family of ['IPv4', 'IPv6'] satisfies Family[]) {
          const { model } = compile(family);
          const rules = readRules(mode, recordedRules(one, mode, family), { family });
          const machine = without(machineOf(family, host, undefined), elsewhere(model, []));
          const done = (client: Client, to: Ip, number: number, port: ServicePort): string[] => {
            const destination = { ip: to, port: number, protocol: port.protocol.toLowerCase() };
            const source = sourceOf(client, family, model, destination);
            if ('fault' in source) return [source.fault];
            const packet: Packet = {
              ...{ source: source.ip, destination: to, protocol: destination.protocol },
              ...{
                port: number,
                start: source.here ? 'output' : 'prerouting',
                inInterface: client === 'outside' ? 'eth9' : undefined,
              },
            };
            const outcomes = tracePacket(
              new Router(rules.program(), meeting(machine, packet)),
              packet,
            ).outcomes;
            return outcomes
              .map(({ ending, dnat, masquerade }) =>
                dnat === undefined
                  ? ending.kind
                  : `to ${joinHostPort(dnat.ip, dnat.port)}${masquerade ? ' masqueraded' : ''}`,
              )
              .sort();
          };
          expectAddresses(model, mode, done);
        }
      });
});

function expectAddresses(
  model: Model,
  mode: BackendName,
  done: (client: Client, to: Ip, number: number, port: ServicePort) => string[],
): void {
  const { context } = model;
  for (const port of model.ports)
    for (const address of portAddresses(port, context, BACKENDS[mode].behaviour))
      for (const client of CLIENTS) {
        // Without a network of pods none can be recognised.
        if (client === 'pod' && context.localDetector.kind !== 'source') continue;
        const ip = address.ip === '' ? context.nodeIp : address.ip;
        const sender = sourceOf(client, context.family, model, {
          ...{ ip, port: address.port, protocol: 'tcp' },
        });
        const isLetIn =
          address.sources.length === 0 ||
          (!('fault' in sender) && address.sources.some((cidr) => cidrContains(cidr, sender.ip)));
        const wanted = isLetIn ? [...said(address.clients[client], port)].sort() : ['drop'];
        const what = `${port.id} ${address.kind} ${client}`;
        expect(done(client, ip, address.port, port), what).to.deep.equal(wanted);
      }
}
