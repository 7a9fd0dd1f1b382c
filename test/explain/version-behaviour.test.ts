/**
 * What versions of kube-proxy do differently is expected of each, and proven of the rules for it.
 */

import { expect } from 'chai';
import { behaviourOf } from '../../src/backends/behaviour.js';
import { BACKENDS } from '../../src/backends/index.js';
import { defaultConfig } from '../../src/config/defaults.js';
import { settingOf } from '../../src/explain/expected.js';
import { machineOf } from '../../src/explain/machine.js';
import { verify } from '../../src/explain/verify.js';
import { compileSnapshot, print, readRules } from '../../src/index.js';
import { Router } from '../../src/netfilter/route.js';
import { profileOf } from '../../src/profiles/profiles.js';
import type { Service } from '../../src/snapshot/types.js';
import { node, service, slice, snapshotOf, withIngress } from '../model/support.js';
import { findingText } from '../support/explain/finding-text.js';

const mode = 'nftables';

/**
 * What the rules for a load balancer at 192.0.2.1 do otherwise than the model of a version says.
 */
function findings(
  version: string,
  spec: Partial<Service['spec']>,
  endpoints: readonly string[],
): string {
  const profile = profileOf(version)!;
  const balancer = service('web', { type: 'LoadBalancer', ...spec });
  const snapshot = snapshotOf(
    node(['198.51.100.1']),
    withIngress(balancer, '192.0.2.1'),
    slice(
      'web',
      endpoints.map((address) => ({ addresses: [address], nodeName: 'other' })),
    ),
  );
  const config = { ...defaultConfig, mode, profile } as const;
  const { model, ruleset } = compileSnapshot(snapshot, 'IPv4', { config, nodeName: 'here' });
  const machine = machineOf('IPv4', undefined, snapshot.nodes.get('here'));
  const setting = settingOf(model, machine, behaviourOf(BACKENDS[mode], profile));
  const { program } = readRules(mode, print(ruleset));
  return verify(new Router(program(), machine), model, setting).findings.map(findingText).join(' ');
}

const RANGES = { loadBalancerSourceRanges: ['10.0.0.0/8'] };
const LOCAL = { externalTrafficPolicy: 'Local' } as const;

for (const version of ['1.31', '1.33.6', '1.35', '1.36', '1.37'])
  describe(`explain: what is expected of kube-proxy ${version}`, () => {
    it('at a load balancer with source ranges and endpoints', () => {
      expect(findings(version, RANGES, ['10.0.0.1'])).to.equal('');
    });

    it('at one that nobody serves, which refuses the node before it asks for its source or after', () => {
      expect(findings(version, RANGES, [])).to.equal('');
      expect(findings(version, { ...RANGES, ...LOCAL }, ['10.0.0.1'])).to.equal('');
      expect(findings(version, LOCAL, ['10.0.0.1'])).to.equal('');
    });
  });
