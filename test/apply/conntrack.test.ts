/** The tool conntrack: command lines, and its ways to fail. */

import { expect } from 'chai';
import { deleteFlows, findStaleFlows } from '../../src/apply/conntrack.js';
import { parseFlows } from '../../src/flows/flows.js';
import { frontendsOfModel } from '../../src/flows/frontends.js';
import type { StaleFlow } from '../../src/flows/stale-flows.js';
import type { CommandResult } from '../../src/host/host.js';
import { modelOf, service, slice } from '../model/support.js';
import { MemoryHost } from '../support/kernels/memory-host.js';

const UDP = [
  service('dns', { clusterIP: '10.96.0.10', ports: [{ port: 53, protocol: 'UDP' }] }),
  slice('dns', ['10.244.1.5'], { ports: [{ port: 5353, protocol: 'UDP' }] }),
];
const LIST_UDP = 'conntrack -L -o extended,id -f ipv4 -p udp';
const NOWHERE = { localAddresses: [] };

function line(endpoint: string, sport = 40000): string {
  return `ipv4     2 udp      17 29 src=10.244.9.9 dst=10.96.0.10 sport=${sport} dport=53 src=${endpoint} dst=10.244.9.9 sport=5353 dport=${sport} mark=0 use=1 id=7\n`;
}

function exited(code: number, stderr: string): CommandResult {
  return { kind: 'exited', code, stdout: '', stderr };
}

function staleTo(...flows: readonly (readonly [endpoint: string, sport: number])[]): StaleFlow[] {
  return parseFlows(flows.map(([endpoint, sport]) => line(endpoint, sport)).join('')).map(
    (flow) => ({ flow, origin: 'shop/dns UDP', cause: 'endpoint-gone', reason: '' }),
  );
}

function ran(host: MemoryHost): readonly string[] {
  return host.ran.map(({ command, args }) => [command, ...args].join(' '));
}

const DELETE =
  'conntrack -D -f ipv4 -p udp -w 0 --orig-dst 10.96.0.10 --dport 53 --reply-src 10.244.1.4 --reply-port-src 5353';

describe('apply: conntrack finds stale flows', () => {
  it('lists the protocols that Services use, and judges what is printed', async () => {
    const host = new MemoryHost({
      commands: { [LIST_UDP]: line('10.244.1.4') + line('10.244.1.5') },
    });
    const { stale, diagnostics } = await findStaleFlows(host, [modelOf(UDP)], NOWHERE);
    expect(ran(host)).to.deep.equal([LIST_UDP]);
    expect(stale.map(({ flow }) => flow.replySource)).to.deep.equal(['10.244.1.4']);
    expect(diagnostics).to.deep.equal([]);
  });

  it('asks nothing where no Service uses UDP or SCTP', async () => {
    const host = new MemoryHost();
    const model = modelOf([service('web'), slice('web', ['10.244.1.5'])]);
    expect(await findStaleFlows(host, [model], NOWHERE)).to.deep.equal({
      stale: [],
      diagnostics: [],
    });
    expect(host.ran).to.deep.equal([]);
  });

  it('asks for what Services used before', async () => {
    const host = new MemoryHost({ commands: { [LIST_UDP]: line('10.244.1.5') } });
    const previous = frontendsOfModel(modelOf(UDP));
    const { stale } = await findStaleFlows(host, [modelOf([])], { ...NOWHERE, previous });
    expect(stale.map(({ cause }) => cause)).to.deep.equal(['frontend-gone']);
  });

  it('goes on without the tool, and says what that means', async () => {
    const { stale, diagnostics } = await findStaleFlows(new MemoryHost(), [modelOf(UDP)], NOWHERE);
    expect(stale).to.deep.equal([]);
    expect(diagnostics.map(({ code, severity }) => [code, severity])).to.deep.equal([
      ['conntrack-missing', 'warning'],
    ]);
  });

  it('goes on where the tool may not look, and repeats what it says', async () => {
    const words =
      'Operation failed: sorry, you must be root or get CAP_NET_ADMIN capability to do this';
    const answer = exited(1, `conntrack v1.4.7 (conntrack-tools): ${words}\n`);
    const host = new MemoryHost({ commands: { [LIST_UDP]: answer } });
    const { diagnostics } = await findStaleFlows(host, [modelOf(UDP)], NOWHERE);
    expect(diagnostics.map(({ code }) => code)).to.deep.equal(['conntrack-failed']);
    expect(diagnostics[0]?.message).to.contain(`conntrack -L says "${words}"`);
  });
});

describe('apply: conntrack deletes stale flows', () => {
  it('once per address and endpoint, with the endpoint in the filter', async () => {
    const gone = exited(
      0,
      'conntrack v1.4.7 (conntrack-tools): 2 flow entries have been deleted.\n',
    );
    const other = DELETE.replace('10.244.1.4', '10.244.1.3');
    const host = new MemoryHost({ commands: { [DELETE]: gone, [other]: gone } });
    const stale = staleTo(
      ['10.244.1.4', 1],
      ['10.244.1.3', 2],
      ['10.244.1.4', 3],
      ['10.244.1.3', 4],
    );
    expect(await deleteFlows(host, stale)).to.deep.equal({ deleted: 4, diagnostics: [] });
    expect(ran(host)).to.deep.equal([DELETE, other]);
  });

  it('takes it for no fault that a flow has ended meanwhile', async () => {
    const none = exited(
      1,
      'conntrack v1.4.7 (conntrack-tools): 0 flow entries have been deleted.\n',
    );
    const host = new MemoryHost({ commands: { [DELETE]: none } });
    const result = await deleteFlows(host, staleTo(['10.244.1.4', 1]));
    expect(result).to.deep.equal({ deleted: 0, diagnostics: [] });
  });

  it('reports a failure once, and tries the others', async () => {
    const host = new MemoryHost({
      answer: ({ args }) =>
        args.includes('10.244.1.4')
          ? exited(0, '1 flow entries have been deleted.')
          : exited(
              1,
              'conntrack v1.4.7 (conntrack-tools): Operation failed: Device or resource busy\n',
            ),
    });
    const stale = staleTo(
      ['10.244.1.1', 1],
      ['10.244.1.2', 2],
      ['10.244.1.3', 3],
      ['10.244.1.4', 4],
    );
    const { deleted, diagnostics } = await deleteFlows(host, stale);
    expect(deleted).to.equal(1);
    expect(diagnostics).to.have.length(1);
    expect(diagnostics[0]?.message).to.contain('Device or resource busy');
  });

  it('does nothing when there is nothing to do', async () => {
    const host = new MemoryHost();
    expect(await deleteFlows(host, [])).to.deep.equal({ deleted: 0, diagnostics: [] });
    expect(host.ran).to.deep.equal([]);
  });
});
