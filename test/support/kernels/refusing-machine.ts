/** A machine whose iptables refuses some rules, with a kernel in memory. */

import type { CommandResult } from '../../../src/host/host.js';
import { exited, MemoryHost } from './memory-host.js';
import { MemoryKernel } from './memory-kernel.js';

/** It does not know the match `nosuchmatch`. */
export class RefusingMachine {
  readonly kernel: MemoryKernel = new MemoryKernel();
  readonly host: MemoryHost;
  /** Words of the next restore instead of doing it. */
  failNext: string = '';
  /** Whether tools name the line that they refuse, as nf_tables does, or COMMIT, as legacy does. */
  names: boolean = true;

  constructor() {
    this.host = new MemoryHost({
      answer: ({ command, args, input = '' }): CommandResult | undefined => {
        if (args[0] === '--version')
          return command === 'iptables-nft' ? exited(0, 'iptables v1.8.9 (nf_tables)') : undefined;
        if (command === 'iptables-nft-save') return exited(0, this.kernel.save(args[1]));
        if (command !== 'iptables-nft-restore') return undefined;
        if (this.failNext !== '') {
          const said = this.failNext;
          this.failNext = '';
          return exited(1, '', said);
        }
        return this.restore(input);
      },
    });
  }

  restore(input: string): CommandResult {
    const lines = input.split('\n');
    const bad = lines.findIndex((line) => line.includes('nosuchmatch'));
    if (bad < 0) {
      const { error } = this.kernel.restore(input);
      return error === '' ? exited(0, '') : exited(1, '', named(error));
    }
    const start = lines.findLastIndex((line, i) => i < bad && line.startsWith('*'));
    this.kernel.restore(lines.slice(0, start).join('\n'));
    const commit = lines.indexOf('COMMIT', bad);
    return exited(2, '', `Error occurred at line: ${(this.names ? bad : commit) + 1}\n`);
  }

  /** How often each tool was used since the last question. */
  used(): { readonly reads: number; readonly loads: number } {
    const ran = this.host.ran.splice(0);
    return {
      reads: ran.filter(({ command }) => command.endsWith('-save')).length,
      loads: ran.filter(({ command }) => command.endsWith('-restore')).length,
    };
  }
}

/** The kernel in memory says `line 3: reason`. */
function named(error: string): string {
  return error.replace(/^line (\d+): /, 'line $1 failed: ');
}
