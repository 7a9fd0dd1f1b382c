/** One family of a machine in memory is brought to a state. */

import { expect } from 'chai';
import { FamilySync } from '../../src/agent/family-sync.js';
import { MachineSettings } from '../../src/agent/machine.js';
import { Applier } from '../../src/apply/applier.js';
import { defaultConfig } from '../../src/config/defaults.js';
import { serviceOf } from '../../src/ruleset/types.js';
import { node, snapshotOf } from '../model/support.js';
import { applyOptions, shop } from '../support/cases/apply-case.js';
import { RefusingMachine } from '../support/kernels/refusing-machine.js';

describe('FamilySync', () => {
  it('reports the model and the rules without an address that a kept Service has', async () => {
    const { host } = new RefusingMachine();
    const { signal } = new AbortController();
    const common = { ...applyOptions(host), family: 'IPv4' } as const;
    const sync = new FamilySync({
      ...{ ...common, mode: 'iptables', config: defaultConfig, nodeName: 'here', zone: '', signal },
      applier: new Applier({ ...common, lockTimeout: 1000 }),
      settings: new MachineSettings(host, defaultConfig),
    });
    const facts = { nodeName: 'here', interfaces: [], nfacct: false };
    const snapshot = (name: string) => snapshotOf(node(['192.0.2.10']), ...shop(name, 1));
    await sync.sync({ snapshot: snapshot('old'), incomplete: new Set() }, facts);
    const report = await sync.sync(
      { snapshot: snapshot('new'), incomplete: new Set(['shop/old']) },
      facts,
    );
    expect(report.model.ports.map(({ id, clusterIp }) => [id, clusterIp])).to.deep.equal([
      ['shop/new', ''],
    ]);
    const services = report.ruleset.ports.map(({ origin }) => serviceOf(origin));
    expect(services).to.deep.equal(['shop/new', 'shop/old']);
    expect(report.diagnostics.map(({ code }) => code)).to.include('address-held');
  });
});
