/** Health checks count the endpoints that kube-proxy counted. */

import { expect } from 'chai';
import {
  healthCheckedServices,
  healthCheckIps,
} from '../../../src/agent/serving/health-check-ports.js';
import type { Family } from '../../../src/index.js';
import { conformanceCases, loadCase, readCaseFile } from '../../support/cases/conformance-cases.js';

describe('agent/serving/health-check-services', () => {
  it('counts what kube-proxy counted in every conformance case', () => {
    let seen = 0;
    for (const found of conformanceCases()) {
      const facts: Readonly<Record<string, { healthChecks: Checks }>> = JSON.parse(
        readCaseFile(found, 'expected.facts.json'),
      );
      for (const mode of ['iptables', 'nftables'] as const) {
        const asked = Object.entries(facts[mode]?.healthChecks ?? {});
        if (asked.length === 0) continue;
        // Where nobody answered the recorder, nothing may be open.
        const answered = asked.filter(([, families]) => Object.keys(families).length > 0);
        const expected = Object.fromEntries(answered);
        seen += 1;
        expect(countsOf(loadCase(found, mode)), `${found.name} ${mode}`).to.deep.equal(expected);
      }
    }
    expect(seen).to.be.greaterThan(5);
  });
});

type Checks = Readonly<Record<string, Readonly<Record<string, object>>>>;

function countsOf({ compile }: ReturnType<typeof loadCase>): Checks {
  const counts: Record<string, Record<string, object>> = {};
  const families: readonly (readonly [Family, string])[] = [
    ['IPv4', 'v4'],
    ['IPv6', 'v6'],
  ];
  for (const [family, word] of families) {
    const { model } = compile(family);
    const isOpen = healthCheckIps(model.context).length > 0;
    for (const { service, localEndpoints } of healthCheckedServices(model).values()) {
      if (!isOpen) continue;
      counts[service] ??= {};
      counts[service][word] = { localEndpoints, status: localEndpoints > 0 ? 200 : 503 };
    }
  }
  return counts;
}
