/**
 * What a page is read on: a network namespace, a folder with what a checkout has, and stand-ins for
 * what a reader has and a test has not: a cluster, kubectl, systemd, and files below /etc and
 * /var/lib.
 */

import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { load } from 'js-yaml';
import { type ApiObject, spawnApiServer } from '../api-server/index.js';
import { ROOT } from '../documents.js';
import { PROGRAM } from '../process/program.js';
import { type Namespace, openNamespace } from './netns.js';

/** What the folder has in which the commands are typed: as in a checkout. */
const LINKED = ['deploy', 'fixtures', 'schema', 'templates'];

/** What kubectl would print of a cluster, and what the API server has. */
const CLUSTER = 'fixtures/explain/cluster.yaml';
const STORED = ['Service', 'EndpointSlice', 'Node', 'ServiceCIDR'];

/**
 * Runs an agent in the foreground until its rules are loaded, then interrupts it as Ctrl-C does.
 */
const UNTIL_LOADED = `
"$@" 2>"$0.log" & agent=$!
until grep -q 'SyncProxyRules complete.*IPv4' "$0.log" && grep -q 'SyncProxyRules complete.*IPv6' "$0.log"; do
  kill -0 $agent || { cat "$0.log" >&2; exit 1; }
  sleep 0.05
done
kill -INT $agent; wait $agent`;

/** Programs by their names: lines of a shell. */
const STAND_INS: Readonly<Record<string, string>> = {
  iptables: 'exec iptables-nft "$@"',
  'iptables-save': 'exec iptables-nft-save "$@"',
  kubectl: `case "$*" in "get "*"-A -o yaml") cat "$(dirname "$0")/${CLUSTER}" ;; *) exit 64 ;; esac`,
  sudo: 'exec "$@"',
  // Starts what the unit starts.
  systemctl: `[ "$*" = "enable --now vipc" ] || exit 64
start=$(sed -n 's/^ExecStart=[^ ]*//p' /etc/systemd/system/vipc.service | sed s/%H/vm-1/)
exec "$(dirname "$0")/until-loaded" vipc $start`,
  'until-loaded': UNTIL_LOADED,
};

/**
 * Files of a machine are written over those of this one, and are gone with the process that holds
 * them.
 */
const MOUNTS = `
mount -t tmpfs vipc "$0"
for path in /etc /var/lib; do
  upper="$0/upper$path"; work="$0/work$path"
  mkdir -p "$upper" "$work"
  mount -t overlay -o "lowerdir=$path,upperdir=$upper,workdir=$work" vipc "$path"
done
mkdir -p /etc/vipc/services /var/lib/kube-proxy /var/lib/vipc
echo ready
exec cat`;

/** What a shell printed, and its exit code. */
interface Typed {
  readonly out: string;
  readonly err: string;
  readonly code: number;
}

export class DocumentMachine {
  readonly #folder: string;
  readonly #namespace: Namespace;
  #files: ChildProcessByStdio<Writable, Readable, null> | undefined;
  #server: { readonly close: () => Promise<void> } | undefined;

  private constructor(folder: string, namespace: Namespace) {
    this.#folder = folder;
    this.#namespace = namespace;
  }

  static async open(name: string): Promise<DocumentMachine> {
    const folder = mkdtempSync(join(tmpdir(), 'vipc-documents-'));
    for (const linked of LINKED) symlinkSync(`${ROOT}${linked}`, join(folder, linked));
    const program = `exec ${PROGRAM.map((word) => `'${word}'`).join(' ')} "$@"`;
    for (const [command, lines] of Object.entries({ ...STAND_INS, vipc: program })) {
      writeFileSync(join(folder, command), `#!/bin/sh\n${lines}\n`);
      chmodSync(join(folder, command), 0o755);
    }
    mkdirSync(join(folder, 'machine'));
    return new DocumentMachine(folder, await openNamespace(name));
  }

  /** Gives it a cluster and files of its own, which take a second: most pages need neither. */
  async connect(): Promise<void> {
    const words = ['-t', String(this.#namespace.pid), '-n', 'unshare', '-m'];
    const script = ['--propagation', 'private', 'sh', '-euc', MOUNTS];
    this.#files = spawn('nsenter', [...words, ...script, join(this.#folder, 'machine')], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await new Promise((resolve, reject) => {
      this.#files?.stdout.once('data', resolve);
      this.#files?.once('exit', () => reject(new Error('the files of the machine are not there')));
    });
    const { items } = load(readFileSync(`${ROOT}${CLUSTER}`, 'utf8')) as { items: ApiObject[] };
    const objects = items.filter(({ kind }) => STORED.includes(kind));
    const server = await spawnApiServer({ objects }, this.#namespace);
    this.#server = server;
    await server.kubeconfig(join(this.#folder, 'kubeconfig'));
    const config = readFileSync(`${ROOT}fixtures/kube-proxy/config-nftables.yaml`, 'utf8');
    writeFileSync(join(this.#folder, 'config.conf'), config);
    this.type(
      'cp kubeconfig /etc/vipc/kubeconfig; cp kubeconfig /var/lib/kube-proxy/kubeconfig.conf',
    );
    this.type('cp config.conf /var/lib/kube-proxy/config.conf');
  }

  /**
   * What a command prints that is typed in the folder, or in one below it. `status` is what the
   * shell has as `$?`. An agent that is not put into the background is interrupted when its rules
   * are loaded.
   */
  type(command: string, below = '.', status = 0): Typed {
    const holder = this.#files?.pid ?? this.#namespace.pid;
    const errors = join(this.#folder, 'errors');
    const lines = [`cd ${join(this.#folder, below)}`, `exec 2>${errors}`, `(exit ${status})`];
    const bounded = command.replace(/^(sudo )?(?=vipc agent [^&]*$)/, '$&until-loaded ');
    const script = [...lines, bounded, 'code=$?', "printf '\\n%s' $code"].join('\n');
    const inside = ['-t', String(holder), '-n', ...(this.#files === undefined ? [] : ['-m'])];
    const said = execFileSync('nsenter', [...inside, 'bash', '-c', script], {
      encoding: 'utf8',
      env: {
        ...process.env,
        ...this.#namespace.env,
        PATH: `${this.#folder}:${this.#namespace.env.PATH}`,
        KUBECONFIG: join(this.#folder, 'kubeconfig'),
      },
    });
    const end = said.lastIndexOf('\n');
    return {
      out: said.slice(0, end),
      err: readFileSync(errors, 'utf8'),
      code: Number(said.slice(end + 1)),
    };
  }

  async close(): Promise<void> {
    await this.#server?.close();
    this.#endPrograms();
    await this.#namespace.close();
    rmSync(this.#folder, { recursive: true });
  }

  /**
   * Ends what a page that failed half-way left running, such as an agent, and what holds the files.
   */
  #endPrograms(): void {
    const namespace = readlinkSync(`/proc/${this.#namespace.pid}/ns/net`);
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
      try {
        const isInside = readlinkSync(`/proc/${pid}/ns/net`) === namespace;
        if (isInside && Number(pid) !== this.#namespace.pid) process.kill(Number(pid), 'SIGKILL');
      } catch {
        // It has ended meanwhile.
      }
  }
}
