/** Service ports derived from rules: the names that they get. */

import { expect } from 'chai';
import { knownMachine, machineOf } from '../../src/explain/machine.js';
import { recoveredPorts } from '../../src/explain/recovered-ports.js';
import type { RuleFrontend } from '../../src/explain/rule-questions.js';
import { type Family, type Ip, parseIp } from '../../src/net/ip.js';
import { programOf } from '../../src/netfilter/program.js';
import { Router } from '../../src/netfilter/route.js';

function ip(text: string): Ip | '' {
  return parseIp(text) ?? '';
}

function namesOf(family: Family, frontends: readonly RuleFrontend[]): readonly string[] {
  const machine = knownMachine(machineOf(family, undefined, undefined));
  const router = new Router(programOf([], []), machine);
  const clusterIps = new Set(frontends.flatMap((one) => (one.ip === '' ? [] : one.ip)));
  return recoveredPorts({
    ...{ family, router, frontends, clusterIps, senders: [], nodeIp: undefined },
  }).map(({ service, portName, first }) => `${service} ${portName}${first ? ' first' : ''}`);
}

describe('explain/recovered-ports', () => {
  it('are named after their Service port', () => {
    const web = { ip: ip('10.96.0.1'), protocol: 'tcp' };
    expect(
      namesOf('IPv4', [
        { ...web, port: 80, origin: 'shop/web:http TCP' },
        { ...web, port: 443, origin: 'shop/web:https TCP' },
        { ip: ip('10.96.0.2'), protocol: 'udp', port: 53, origin: 'shop/dns UDP' },
      ]),
    ).to.deep.equal(['shop/dns  first', 'shop/web http first', 'shop/web https']);
  });

  it('are named after their address where no rule names a Service', () => {
    const unnamed = (text: string, port: number): RuleFrontend => ({
      ...{ ip: ip(text), protocol: 'tcp', port, origin: '' },
    });
    expect(
      namesOf('IPv4', [unnamed('10.96.0.1', 80), unnamed('10.96.0.1', 443), unnamed('', 30080)]),
    ).to.deep.equal(['10.96.0.1 443 first', '10.96.0.1 80', '30080  first']);
    expect(
      namesOf('IPv6', [
        unnamed('fd00::1', 80),
        unnamed('fd00::1', 443),
        unnamed('fd00::2', 80),
        unnamed('', 30080),
      ]),
    ).to.deep.equal(['30080  first', '[fd00::1] 443 first', '[fd00::1] 80', '[fd00::2] 80 first']);
  });
});
