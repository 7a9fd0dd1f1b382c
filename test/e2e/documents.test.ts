/**
 * Every `console` block of the README, of docs/ and of deploy/README.md, in the order of its page,
 * as somebody types it who has a checkout. Each page has an empty network namespace, and stand-ins
 * for the cluster and the machine that its reader has.
 */

import { expect } from 'chai';
import { consoleBlocks, DOCUMENTS, documentText, type ShownCommand } from '../support/documents.js';
import { requireKernel } from '../support/kernels/kernel-tools.js';
import { DocumentMachine } from '../support/machines/document-machine.js';

const TOOLS = ['iptables-nft-restore', 'iptables-nft-save', 'ip6tables-nft-restore'];

/** What a page has that asks a cluster or names files of a machine. */
const CONNECTED = /^\$ .*(?:vipc snapshot|-f cluster\b|\/etc\/|\/var\/lib\/)/m;

/** The version of iptables is that of the machine. */
function withoutVersions(text: string): string {
  return text.replace(/\b(iptables-nft|nft) \d+\.\d+\.\d+/g, '$1');
}

/** Types the commands of a block one after the other, and compares what is printed. */
function type(block: readonly ShownCommand[], folder: string, machine: DocumentMachine): void {
  let status = 0;
  for (const { command, shown } of block) {
    const { out, err, code } = machine.type(command, folder, status);
    status = code;
    const expected = withoutVersions(shown);
    const output = withoutVersions(out);
    // A page has what is on standard error where it says something about the example.
    if (expected !== output) expect(expected, command).to.equal(withoutVersions(err) + output);
  }
}

for (const path of DOCUMENTS) {
  const text = documentText(path);
  const blocks = consoleBlocks(text);
  if (blocks.length === 0) continue;
  describe(path, () => {
    let machine: DocumentMachine | undefined;
    before(async function () {
      requireKernel(this, [...TOOLS, 'nfacct', 'nft']);
      machine = await DocumentMachine.open(path);
      if (CONNECTED.test(text)) await machine.connect();
    });
    after(() => machine?.close());

    for (const block of blocks)
      it(`shows what is printed by ${block
        .map(({ command }) => command)
        .join('; ')
        .slice(0, 120)}`, () => {
        type(block, path.startsWith('deploy/') ? 'deploy' : '.', machine!);
      });
  });
}

describe('documents', () => {
  it('have blocks', () => {
    expect(DOCUMENTS.flatMap((path) => consoleBlocks(documentText(path))).length).to.be.above(12);
  });
});
