/**
 * What a plan means to a person: which Services come, go and change, and who gets how much of their
 * traffic.
 */

import { expect } from 'chai';
import {
  kernelWith,
  rulesetOf,
  service,
  slice,
  smallCluster,
} from '../support/cluster/small-cluster.js';
import { CHAINS, chain, look, shares } from '../support/kernels/by-hand-iptables.js';

const desired = smallCluster();

describe('the summary of a plan', () => {
  it('a chain deleted with all rules that lead to it', () => {
    const kernel = kernelWith(desired);
    const db = chain('SVC', 'default/db:http');
    const sep = chain('SEP', '10.0.1.1:8080');
    const line = CHAINS.get('KUBE-SERVICES')!.find((text) => text.endsWith(db))!;
    kernel.restore(`*nat\n-D${line.slice(2)}\n-F ${db}\n-F ${sep}\n-X ${db}\n-X ${sep}\nCOMMIT\n`);
    const seen = look(kernel.save());
    expect(seen.services.map(({ origin, state }) => [origin, state])).to.deep.equal([
      ['default/db:http TCP', 'added'],
    ]);
    expect(seen.services[0]!.chains.map(({ finding }) => finding)).to.deep.equal([
      'differs',
      'missing',
      'missing',
    ]);
    expect(shares(seen)).to.deep.equal(['cluster 10.0.1.1:8080 0 -> 1']);
  });

  it('names every Service of an empty kernel', () => {
    const kernel = kernelWith(rulesetOf([]));
    const seen = look(kernel.save());
    expect(seen.services.map(({ origin, state }) => `${origin} ${state}`)).to.deep.equal([
      'default/db:http TCP added',
      'default/lonely:http TCP added',
      'default/web:http TCP added',
    ]);
  });

  it('a scale-up shows the new endpoints, and which get less', () => {
    const kernel = kernelWith(smallCluster(['10.0.0.1:8080', '10.0.0.2:8080']));
    const seen = look(kernel.save());
    expect(shares(seen)).to.deep.equal([
      'cluster 10.0.0.1:8080 1/2 -> 1/3',
      'cluster 10.0.0.2:8080 1/2 -> 1/3',
      'cluster 10.0.0.3:8080 0 -> 1/3',
    ]);
  });

  it('a Service that was deleted is removed, with its endpoints', () => {
    const extra = [service('old', '10.96.0.9'), slice('old', ['10.0.9.1'])];
    const seen = look(kernelWith(smallCluster(undefined, extra)).save());
    expect(seen.services.map(({ origin, state }) => `${origin} ${state}`)).to.deep.equal([
      'default/old:http TCP removed',
    ]);
    expect(shares(seen)).to.deep.equal(['cluster 10.0.9.1:8080 1 -> 0']);
  });
});

describe('a health check of a Service that does not speak TCP', () => {
  it('is named with the Service', () => {
    const kernel = kernelWith(desired);
    const check = (name: string, port: number): string =>
      `-A KUBE-NODEPORTS -p tcp -m comment --comment "default/${name}:http health check node port" -m tcp --dport ${port} -j ACCEPT`;
    kernel.restore(`*filter\n${check('web', 31000)}\n${check('gone', 31001)}\nCOMMIT\n`);
    const seen = look(kernel.save());
    expect(seen.services.map(({ origin }) => origin)).to.deep.equal([
      'default/gone:http',
      'default/web:http TCP',
    ]);
  });
});
