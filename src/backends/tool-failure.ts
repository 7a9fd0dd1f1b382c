/** Turns the failure of iptables, nft and the like into errors that a person can act on. */

import {
  InterruptedError,
  PermissionError,
  TimeoutError,
  ToolError,
  type VipcError,
} from '../errors.js';
import type { CommandResult } from '../host/host.js';
import { SHORTAGE_HINT } from '../host/shortage.js';

const NOT_ROOT = /Permission denied|you must be root|Operation not permitted/;

/** `Unable to initialize Netlink socket: Protocol not supported` */
const NO_NFTABLES = /not supported/;

/** Whether nft says that this kernel has no nf_tables, so that nothing is there. */
export function lacksNftables(result: CommandResult): boolean {
  return result.kind === 'exited' && result.code !== 0 && NO_NFTABLES.test(result.stderr);
}

/** Standard output of a program that ended well; otherwise throws what its end means. */
export function outputOf(command: string, result: CommandResult): string {
  if (result.kind === 'exited' && result.code === 0) return result.stdout;
  throw failure(command, result);
}

/** The package of a distribution that has a program, such as `iptables-nft-save`. */
function packageOf(program: string): string {
  if (program === 'nft') return 'nftables';
  return /^ip6?tables/.test(program) ? 'iptables' : program;
}

/** The error for a program that did not end well, when nothing better is known about its input. */
export function failure(command: string, result: CommandResult): VipcError {
  switch (result.kind) {
    case 'missing':
      return new ToolError(`the program ${command} cannot be started: ${result.reason}`, command, {
        hint: `install ${packageOf(command)}`,
      });
    case 'unstarted':
      return new ToolError(`${command} cannot be started now: ${result.reason}`, command, {
        hint: SHORTAGE_HINT,
      });
    case 'killed':
      if (result.by === 'abort' || result.signal === 'SIGINT')
        return new InterruptedError('interrupted');
      return result.by === 'timeout'
        ? new TimeoutError(`${command} did not end in time and was killed`)
        : new ToolError(`${command} was ended by ${result.signal}`, command);
    case 'exited': {
      const said = result.stderr.trim();
      if (NOT_ROOT.test(said))
        return new PermissionError(`${command} may not do this: ${said}`, {
          hint: 'run as root (CAP_NET_ADMIN)',
        });
      return new ToolError(
        `${command} failed with exit status ${result.code}${said === '' ? '' : `: ${said}`}`,
        command,
      );
    }
  }
}
