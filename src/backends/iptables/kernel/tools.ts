/**
 * Finds the iptables programs of a machine, and turns the ways in which they end into errors that a
 * person can act on.
 */

import { ToolError } from '../../../errors.js';
import type { Host } from '../../../host/host.js';
import type { Family } from '../../../net/ip.js';
import type { Tools, Variant } from '../../kernel.js';
import { isOlder } from '../../version-order.js';
import { OLDEST } from '../versions.js';

/**
 * The variants that a machine has, and the one that its plain `iptables` is, where there is one.
 */
export interface FoundTools {
  readonly nf_tables?: Tools;
  readonly legacy?: Tools;
  readonly preferred?: Variant;
}

/** The tools of a family. Throws {@link ToolError} where there is none. */
export async function findTools(host: Host, family: Family): Promise<FoundTools> {
  const name = family === 'IPv4' ? 'iptables' : 'ip6tables';
  const [nft, legacy, plain] = await Promise.all(
    [`${name}-nft`, `${name}-legacy`, name].map((command) => toolsNamed(host, command, family)),
  );
  const pick = (variant: Variant): Tools | undefined =>
    [nft, legacy, plain].find((tools) => tools?.variant === variant);
  const [first, second] = [pick('nf_tables'), pick('legacy')];
  if (first === undefined && second === undefined)
    throw new ToolError(`the program ${name} is not installed or does not answer`, name, {
      hint: family === 'IPv4' ? 'install iptables' : 'install iptables, or use --family ipv4',
    });
  return {
    ...(first === undefined ? {} : { nf_tables: first }),
    ...(second === undefined ? {} : { legacy: second }),
    ...(plain === undefined ? {} : { preferred: plain.variant }),
  };
}

async function toolsNamed(host: Host, command: string, family: Family): Promise<Tools | undefined> {
  const result = await host.run({ command, args: ['--version'] });
  if (result.kind !== 'exited' || result.code !== 0) return undefined;
  const match = /^ip6?tables v(?<version>[0-9.]+)\S*(?: \((?<variant>\S+)\))?/.exec(result.stdout);
  if (match?.groups?.version === undefined) return undefined;
  // Before 1.8 there was only one variant, and it did not say so.
  const variant = match.groups.variant === 'nf_tables' ? 'nf_tables' : 'legacy';
  const { version } = match.groups;
  return { family, variant, save: `${command}-save`, restore: `${command}-restore`, version };
}

/** Throws {@link ToolError} where the tools are too old for what vipc asks of them. */
export function checkVersion({ variant, version, restore }: Tools): void {
  const oldest = OLDEST[variant];
  if (!isOlder(version, oldest.version)) return;
  throw new ToolError(
    `${restore} is version ${version}, and ${oldest.version} is needed: ${oldest.reason}`,
    restore,
    { hint: 'install a newer iptables' },
  );
}
