/**
 * The Debian package in a root of its own: installed, run, upgraded, removed and purged by the dpkg
 * of this machine.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect } from 'chai';
import { linesOf, needCleanRoot, runInCleanRoot } from '../support/process/clean-root.js';
import { writeImageSteps } from '../support/process/image-steps.js';
import { ROOT } from '../support/process/packed-package.js';

const MAINTAINER = 'Jo Doe <jo@example.org>';
const SERVICE = `apiVersion: v1
kind: Service
metadata: {name: web}
spec: {clusterIP: 10.96.0.10, ports: [{port: 80}]}
`;

/** What is done there; a line of its own says what follows. */
const STEPS = `
# Nothing of this file system outlives the test, and the index of man pages is not of interest.
quick='--force-unsafe-io --no-triggers'
present /usr/bin/vipc /usr/lib/vipc /etc/vipc

say install
# What deploy/Containerfile installs from elsewhere is here already: nothing is fetched.
cat > /usr/local/bin/apt-get << 'END'
#!/bin/sh
[ "$1" = update ] || exec /usr/bin/apt-get --no-upgrade "$@"
END
chmod +x /usr/local/bin/apt-get
unshare --net sh -eu /packages/image.sh > /dev/null 2>&1
dpkg-query -W -f '\${Status} \${Version}\\n\${Maintainer}\\n' vipc
which node || echo 'no node'

say version
"$(cat /packages/entry-point)" --version
vipc version -o json
say compile
vipc compile -f /packages/web.yaml 2> /dev/null
say closed
vipc version 2>&1 >&- || echo "code $?"
say unit
systemd-analyze verify --man=no vipc.service 2>&1 || true
say completion
bash --norc -c 'source /usr/share/bash-completion/completions/vipc; complete -p vipc'
say manual
zcat /usr/share/man/man1/vipc.1.gz | grep -c '^.SS'
say modes
find /usr/lib/vipc -name '.*'
find /usr/lib/vipc /etc/vipc ! -type l -perm /022 -o ! -user 0
say conffiles
dpkg-query -W -f '\${Conffiles}\\n' vipc

say agent
cp /packages/web.yaml /etc/vipc/services/
mkdir -p /var/lib/vipc
unshare --net sh -c '
  ip link set lo up
  $(sed -n "s/%H/node/; s/^ExecStart=//p" /usr/lib/systemd/system/vipc.service) > /tmp/agent.log 2>&1 &
  while kill -0 $! && ! nft list table ip kube-proxy 2> /dev/null | grep -o "10.96.0.10 . tcp . 80"; do
    sleep 0.1
  done
  kill $!
  wait'

say upgrade
echo '# by hand' >> /etc/vipc/config.yaml
dpkg $quick -i /packages/newer.deb > /dev/null
dpkg-query -W -f '\${Status} \${Version}\\n' vipc
tail -n 1 /etc/vipc/config.yaml
vipc --version

say remove
mkdir -p /var/lib/private/vipc /run/private/vipc
dpkg $quick -r vipc > /dev/null
present /usr/bin/vipc /usr/lib/vipc /usr/lib/systemd/system/vipc.service /usr/share/doc/vipc
tail -n 1 /etc/vipc/config.yaml
say purge
dpkg $quick -P vipc > /dev/null 2>&1
present /etc/vipc/config.yaml /var/lib/vipc /var/lib/private/vipc /run/vipc /run/private/vipc /etc/vipc/services/web.yaml
dpkg-query -W vipc 2> /dev/null || echo gone
`;

describe('Debian package', () => {
  let folder = '';
  let done: ReadonlyMap<string, string> = new Map();
  const lines = (step: string): readonly string[] => linesOf(done, step);

  before(function () {
    needCleanRoot(this);
    folder = mkdtempSync(join(tmpdir(), 'vipc-deb-'));
    const packages = join(folder, 'packages');
    const words = ['--out', packages, '--compression', 'none', '--maintainer', MAINTAINER];
    const printed = execFileSync(join(ROOT, 'scripts/deb'), words, { encoding: 'utf8' });
    const file = printed.trim().split('\n').at(-1);
    newerVersion(file ?? '', packages, folder);
    writeFileSync(join(packages, 'web.yaml'), SERVICE);
    expect(basename(file ?? '').startsWith(writeImageSteps(packages, 'new.deb'))).to.equal(true);
    done = runInCleanRoot(join(folder, 'place'), packages, STEPS);
  });
  after(() => {
    if (folder !== '') rmSync(folder, { recursive: true });
  });

  it('is installed by the steps of deploy/Containerfile where there was no Node.js and no vipc', () => {
    expect(lines('before')).to.deep.equal([]);
    const [status = '', maintainer, node] = lines('install');
    expect(maintainer).to.equal(MAINTAINER);
    expect(status).to.match(/^install ok installed \d+\.\d+\.\d+$/);
    expect(node).to.equal('no node');
  });

  it('compiles and prints its version with its own Node.js', () => {
    const [version = '', ...json] = lines('version');
    const printed: unknown = JSON.parse(json.join('\n'));
    expect(printed).to.deep.include({ version, node: process.version });
    expect(done.get('compile')).to.include(
      '-A KUBE-SERVICES -d 10.96.0.10/32 -p tcp -m comment --comment "default/web has no endpoints"',
    );
  });

  it('is not built in the name of nobody', () => {
    const env = { ...process.env, VIPC_BUILT: '1', DEBFULLNAME: '', DEBEMAIL: '' };
    const { status, stderr } = spawnSync(join(ROOT, 'scripts/deb'), { encoding: 'utf8', env });
    expect(status).to.equal(64);
    expect(stderr).to.include("--maintainer 'NAME <MAIL>'");
  });

  it('sees that standard output is closed', () => {
    expect(lines('closed')).to.deep.equal(['error: standard output is closed', 'code 2']);
  });

  it('has a unit that systemd accepts, completions and a man page', () => {
    expect(lines('unit')).to.deep.equal([]);
    expect(lines('completion')).to.deep.equal(['complete -F _vipc vipc']);
    expect(Number(done.get('manual'))).to.be.greaterThan(10);
  });

  it('has files of root that nobody else writes and none that are hidden, and its configuration as a conffile', () => {
    expect(lines('modes')).to.deep.equal([]);
    expect(done.get('conffiles')).to.match(/^\s*\/etc\/vipc\/config\.yaml [0-9a-f]{32}\s*$/);
  });

  it('has an agent that loads the manifests of its folder, as the unit starts it', () => {
    expect(new Set(lines('agent'))).to.deep.equal(new Set(['10.96.0.10 . tcp . 80']));
  });

  it('keeps a configuration that was changed by hand when it is upgraded', () => {
    const [status, config, version] = lines('upgrade');
    expect(status).to.equal(`install ok installed ${version}+newer`);
    expect(config).to.equal('# by hand');
  });

  it('leaves only the configuration when it is removed, and manifests when it is purged', () => {
    expect(lines('remove')).to.deep.equal(['# by hand']);
    expect(lines('purge')).to.deep.equal(['/etc/vipc/services/web.yaml', 'gone']);
  });
});

/** The package as `new.deb`, and beside it the same of a later version. */
function newerVersion(file: string, packages: string, folder: string): void {
  const tree = join(folder, 'tree');
  const run = (command: string, words: readonly string[]): void =>
    void execFileSync(command, words, { stdio: ['ignore', 'ignore', 'inherit'] });
  run('dpkg-deb', ['-R', file, tree]);
  run('sed', ['-i', '/^Version:/s/$/+newer/', join(tree, 'DEBIAN/control')]);
  run('dpkg-deb', ['-Znone', '--build', tree, join(packages, 'newer.deb')]);
  run('mv', [file, join(packages, 'new.deb')]);
  rmSync(tree, { recursive: true });
}
