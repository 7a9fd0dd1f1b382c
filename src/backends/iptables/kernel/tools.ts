/** Finds the iptables programs of a machine, and which of them work. */

import { InterruptedError, ToolError, VipcError } from '../../../errors.js';
import type { CommandResult, Host } from '../../../host/host.js';
import type { Family } from '../../../net/ip.js';
import { failure } from '../../tool-failure.js';
import type { Tools, Variant } from '../../tools.js';
import { isOlderVersion } from '../../version-order.js';
import { OLDEST } from '../versions.js';

/**
 * The variants that a machine has, and the one that its plain `iptables` is, where there is one.
 */
export interface FoundTools {
  readonly nf_tables?: Tools | undefined;
  readonly legacy?: Tools | undefined;
  readonly preferred?: Variant | undefined;
}

/** The tools of a family, and by name why programs that are installed cannot be used. */
export interface InstalledTools extends FoundTools {
  readonly broken: ReadonlyMap<string, VipcError>;
}

/** The tools of a family. Throws {@link ToolError} where there is none. */
export async function findTools(host: Host, family: Family): Promise<FoundTools> {
  const { broken, ...found } = await installedTools(host, family);
  if (found.nf_tables === undefined && found.legacy === undefined)
    throw noTools(PROGRAMS[family], [...broken.values()][0]);
  return found;
}

export const PROGRAMS: Readonly<Record<Family, string>> = { IPv4: 'iptables', IPv6: 'ip6tables' };

/** `problem`: why a program that is installed cannot be used. */
export function noTools(program: string, problem: VipcError | undefined): ToolError {
  const message = `the program ${program} is not installed or does not answer`;
  return new ToolError(
    problem === undefined ? message : `${message}: ${problem.message}`,
    program,
    {
      hint: program.startsWith('ip6')
        ? 'install iptables, or use --family ipv4'
        : 'install iptables',
    },
  );
}

/** Runs `iptables-nft`, `iptables-legacy` and `iptables` for their versions. */
export async function installedTools(host: Host, family: Family): Promise<InstalledTools> {
  const name = PROGRAMS[family];
  const commands = [`${name}-nft`, `${name}-legacy`, name];
  const answers = await Promise.all(commands.map((command) => toolsNamed(host, command, family)));
  const [nft, legacy, plain] = answers.map((one) => (one instanceof VipcError ? undefined : one));
  const pick = (variant: Variant): Tools | undefined =>
    [nft, legacy, plain].find((tools) => tools?.variant === variant);
  const broken = answers.flatMap((one, i) =>
    one instanceof VipcError ? [[commands[i] ?? '', one] as const] : [],
  );
  return {
    nf_tables: pick('nf_tables'),
    legacy: pick('legacy'),
    preferred: plain?.variant,
    broken: new Map(broken),
  };
}

/** `undefined` where there is no such program, an error where it prints no version. */
async function toolsNamed(
  host: Host,
  command: string,
  family: Family,
): Promise<Tools | VipcError | undefined> {
  const result = await host.run({ command, args: ['--version'] });
  if (result.kind === 'missing') return undefined;
  if (result.kind !== 'exited' || result.code !== 0) return unusable(command, result);
  const match = /^ip6?tables v(?<version>[0-9.]+)\S*(?: \((?<variant>\S+)\))?/.exec(result.stdout);
  if (match?.groups?.version === undefined) {
    const said = JSON.stringify(result.stdout.slice(0, 80));
    return new ToolError(`${command} --version does not print a version but ${said}`, command);
  }
  // Before 1.8 there was only one variant, and it did not say so.
  const variant = match.groups.variant === 'nf_tables' ? 'nf_tables' : 'legacy';
  const { version } = match.groups;
  return { family, variant, save: `${command}-save`, restore: `${command}-restore`, version };
}

function unusable(command: string, result: CommandResult): VipcError {
  const error = failure(`${command} --version`, result);
  // What could not be asked may be the variant that the rules are in.
  if (error instanceof InterruptedError || result.kind === 'unstarted') throw error;
  return error;
}

/** Throws {@link ToolError} where the tools are too old for what vipc asks of them. */
export function checkVersion({ variant, version, restore }: Tools): void {
  const oldest = OLDEST[variant];
  if (!isOlderVersion(version, oldest.version)) return;
  throw new ToolError(
    `${restore} is version ${version}, and ${oldest.version} is needed: ${oldest.reason}`,
    restore,
    { hint: 'install a newer iptables' },
  );
}
