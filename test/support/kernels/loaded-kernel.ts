/** Kernels that hold the rules that kube-proxy loaded, for tests of commands that read them. */

import type { Terminal } from '../../../src/cli/terminal.js';
import { NamespaceHost } from '../machines/namespace-host.js';
import { type Namespace, openNamespace } from '../machines/netns.js';
import { MemoryTerminal } from '../process/memory-terminal.js';
import { DIFF_VARIANTS, type DiffVariant } from './diff-variants.js';
import { requireKernel } from './kernel-tools.js';

/** The network namespace of one kernel variant, with the rules for `268-kitchen-sink`. */
interface LoadedKernel {
  readonly variant: DiffVariant;
  readonly namespace: () => Namespace;
  /** Runs a command there; its exit code and standard output. */
  readonly run: (command: KernelCommand) => Promise<readonly [code: number, out: string]>;
  /** Has another program drop packets to endpoints of `orders:dns` while they are forwarded. */
  readonly dropDns: () => Promise<unknown>;
}

/**
 * A command, which must be loaded by import() so that the classes of its errors are those of the
 * program.
 */
type KernelCommand = (terminal: Terminal, host: NamespaceHost) => Promise<number>;

/** A suite for each kernel variant; its tests share a namespace. */
export function describeOnKernels(name: string, tests: (kernel: LoadedKernel) => void): void {
  for (const variant of DIFF_VARIANTS)
    describe(`kernel: vipc ${name} on ${variant.name}`, () => {
      let namespace: Namespace;

      before(async function () {
        requireKernel(this, variant.tools);
        namespace = await openNamespace(`${name}-${variant.name}`);
        await variant.prepare(namespace);
        for (const [family, text] of variant.payload) await variant.load(namespace, family, text);
      });
      after(() => namespace?.close());

      tests({
        variant,
        namespace: () => namespace,
        run: async (command) => {
          const terminal = new MemoryTerminal();
          const code = await command(terminal, new NamespaceHost(namespace));
          return [code, terminal.out];
        },
        dropDns: () =>
          namespace.script(
            `nft 'add table inet guard'
             nft 'add chain inet guard forward { type filter hook forward priority -10 ; policy accept ; }'
             nft 'add rule inet guard forward udp dport 45408 counter log prefix "x" drop'`,
          ),
      });
    });
}
