/**
 * Every difference between the modes with packets, in both of them; and docs/nftables.md says the
 * same.
 */

import { expect } from 'chai';
import { modeDifferences } from '../../src/explain/mode-differences.js';
import { documentText } from '../support/documents.js';
import { DIFFERENCES_SETUP, MODE_DIFFERENCES, UNSEEN_DIFFERENCE } from './mode-differences.js';
import { scenario } from './scenario.js';

for (const firewall of [false, true])
  scenario(
    `where the modes differ${firewall ? ', behind a firewall' : ''}`,
    { ...DIFFERENCES_SETUP, core: true, firewall },
    MODE_DIFFERENCES.filter((difference) => (difference.firewall ?? false) === firewall).map(
      ({ code: _, what, becomes, ...row }) => ({
        ...row,
        it: { iptables: `${what}: ${becomes.iptables}`, nftables: `${what}: ${becomes.nftables}` },
      }),
    ),
  );

describe('packets: the modes in docs/nftables.md', () => {
  it('differ as in these tests', () => {
    const [, section] = documentText('docs/nftables.md').split(
      '## Mode nftables is not mode iptables\n',
    );
    const rows = section!
      .split('\n## ')[0]!
      .split('\n')
      .filter((line) => line.startsWith('|'));
    expect(rows.slice(2)).to.deep.equal(
      [...MODE_DIFFERENCES, UNSEEN_DIFFERENCE].map(
        ({ what, becomes }) => `| ${what} | ${becomes.iptables} | ${becomes.nftables} |`,
      ),
    );
  });

  it('are those that verify finds', () => {
    expect(modeDifferences().map(({ code }) => code)).to.have.members(
      [...MODE_DIFFERENCES, UNSEEN_DIFFERENCE].map(({ code }) => code),
    );
  });
});
