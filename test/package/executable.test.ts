/**
 * The single executable in a root of its own, without Node.js: copied there, run, replaced and
 * removed.
 */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect } from 'chai';
import { broughtNode } from '../../scripts/brought-node.js';
import { withNote } from '../../scripts/elf-note.js';
import { linesOf, needCleanRoot, runInCleanRoot } from '../support/process/clean-root.js';
import { ROOT } from '../support/process/packed-package.js';

const SERVICE = `apiVersion: v1
kind: Service
metadata: {name: web}
spec: {clusterIP: 10.96.0.10, ports: [{port: 80}]}
`;

/** What is done there; a line of its own says what follows. */
const STEPS = `
# Whoever else works on this machine writes here.
for folder in ${ROOT} /tmp /root; do mount -t tmpfs vipc $folder; done
present ${ROOT}/package.json /usr/local/bin/vipc
touch /stamp
say install
install /packages/vipc /usr/local/bin/vipc
which node || echo 'no node'
say version
vipc version -o json
say compile
vipc compile -f /packages/web.yaml 2> /dev/null
say refused
vipc compile -f /packages/absent.yaml 2>&1 || echo "code $?"
say kernel
unshare --net sh -euc '
  ip link set lo up
  vipc diff -q -f /packages/web.yaml --mode nftables 2> /dev/null || echo "differs: $?"
  vipc apply -f /packages/web.yaml --mode nftables > /dev/null 2>&1
  nft list table ip kube-proxy | grep -o "10.96.0.10 . tcp . 80"
  vipc diff -q -f /packages/web.yaml --mode nftables 2> /dev/null && echo same
  vipc cleanup > /dev/null 2>&1
  nft list tables'

say agent
unshare --net sh -c '
  ip link set lo up
  vipc agent -f /packages/web.yaml --proxy-mode nftables > /tmp/agent.log 2>&1 &
  while kill -0 $! && ! nft list table ip kube-proxy 2> /dev/null | grep -o "10.96.0.10 . tcp . 80"; do
    sleep 0.1
  done
  # A running program is replaced, not written to.
  install /packages/newer /usr/local/bin/vipc.new
  mv /usr/local/bin/vipc.new /usr/local/bin/vipc
  kill -TERM $!
  wait $!
  echo "ended: $?"'
say upgrade
vipc --version
say remove
rm /usr/local/bin/vipc /tmp/agent.log
find /etc /opt /root /tmp /usr/bin /usr/lib /usr/local /var/lib/vipc /var/cache/vipc -newer /stamp -type f 2> /dev/null || true
`;

describe('single executable', () => {
  let folder = '';
  let done: ReadonlyMap<string, string> = new Map();
  const lines = (step: string): readonly string[] => linesOf(done, step);

  before(function () {
    needCleanRoot(this);
    folder = mkdtempSync(join(tmpdir(), 'vipc-executable-'));
    const packages = join(folder, 'packages');
    mkdirSync(packages);
    const words = ['--out', folder];
    const file = execFileSync(join(ROOT, 'scripts/executable'), words, { encoding: 'utf8' }).trim();
    expect(basename(file)).to.match(/^vipc-\d+\.\d+\.\d+-linux-\w+$/);
    renameSync(file, join(packages, 'vipc'));
    writeFileSync(join(packages, 'newer'), newerVersion(readFileSync(join(packages, 'vipc'))));
    writeFileSync(join(packages, 'web.yaml'), SERVICE);
    done = runInCleanRoot(join(folder, 'place'), packages, STEPS);
  });
  after(() => {
    if (folder !== '') rmSync(folder, { recursive: true });
  });

  it('runs where there is neither Node.js nor a checkout', () => {
    expect(lines('before')).to.deep.equal([]);
    expect(lines('install')).to.deep.equal(['no node']);
    const printed: unknown = JSON.parse(done.get('version') ?? '');
    expect(printed).to.deep.include({ version: '0.1.0', node: process.version });
  });

  it('compiles with the templates in it, and says what is wrong', () => {
    expect(done.get('compile')).to.include(
      '-A KUBE-SERVICES -d 10.96.0.10/32 -p tcp -m comment --comment "default/web has no endpoints"',
    );
    expect(lines('refused').at(-1)).to.match(/^code [1-9]/);
  });

  it('compares with a kernel, loads the rules, and removes them', () => {
    expect(lines('kernel')).to.deep.equal(['differs: 1', '10.96.0.10 . tcp . 80', 'same']);
  });

  it('runs an agent, which ends well also when its program was replaced', () => {
    expect(lines('agent')).to.deep.equal(['10.96.0.10 . tcp . 80', 'ended: 0']);
    expect(lines('upgrade')).to.deep.equal(['0.1.1']);
  });

  it('leaves no other file', () => {
    expect(lines('remove')).to.deep.equal([]);
  });

  it('is made of a Node.js for Linux only', () => {
    expect(broughtNode()).to.deep.include({ processor: process.arch, version: process.version });
    expect(() => broughtNode('/bin/sh')).to.throw('/bin/sh is no Node.js of nodejs.org');
    expect(() => broughtNode('package.json')).to.throw('package.json is no Node.js of nodejs.org');
    expect(() => withNote(Buffer.from('#!/bin/sh\nexit\n'), 'NOTE', Buffer.alloc(1))).to.throw(
      'not a 64-bit little-endian ELF program',
    );
  });
});

/** The same program, which says that it is of a later version. */
function newerVersion(executable: Buffer): Buffer {
  const text = Buffer.from('version = () => "0.1.0"'.replaceAll(' ', ''));
  const at = executable.lastIndexOf(text);
  expect(at, 'the version in the program').to.be.greaterThan(0);
  executable.write('1', at + text.length - 2);
  return executable;
}
