/** Reads with nft what the kernel holds in the table of one family. */

import { ToolError, UnsupportedError, type VipcError } from '../../../errors.js';
import type { CommandResult, Host } from '../../../host/host.js';
import { checkFamily, checkRights } from '../../../host/rights.js';
import { inTurns } from '../../../host/turn.js';
import type { Family } from '../../../net/ip.js';
import type { KernelReadOptions, KernelState } from '../../kernel.js';
import { failure } from '../../tool-failure.js';
import type { Tools } from '../../tools.js';
import { kernelRulesOf } from '../kernel-rules.js';
import { parseInSteps } from '../syntax/parse.js';
import { needsTwoSteps, unsupported } from '../versions.js';

/** Milliseconds. nft lists 10,000 Services in five seconds. */
const LIST_TIMEOUT = 180_000;

/**
 * The table of a family; an empty one where it is not there. Lists no other table, unless the whole
 * ruleset is wanted, so nothing foreign is read. Throws ParseError where the listing is incomplete,
 * ToolError, PermissionError or TimeoutError where nft does not answer, and UnsupportedError where
 * the kernel has no IPv6.
 */
export async function readNft(
  host: Host,
  family: Family,
  options: KernelReadOptions = {},
): Promise<KernelState> {
  const tools = { ...(await findNft(host, [family])), family };
  return readNftAgain(host, { family, tools }, options);
}

/**
 * nft, which is one program for all families. Throws ToolError, PermissionError or UnsupportedError
 * where it cannot be used for one of them.
 */
export async function findNft(
  host: Host,
  families: readonly Family[],
): Promise<Omit<Tools, 'family'>> {
  await checkRights(host);
  for (const family of families) await checkFamily(host, family);
  const version = await versionOf(host);
  refuseUnfit(version, host.kernel());
  const twoSteps = needsTwoSteps(host.kernel());
  return { variant: 'nf_tables', save: 'nft', restore: 'nft', version, twoSteps };
}

/** The same again, where nft is known. */
export async function readNftAgain(
  host: Host,
  { family, tools }: Pick<KernelState, 'family' | 'tools'>,
  { signal, whole = false }: KernelReadOptions,
): Promise<KernelState> {
  const what = whole ? ['ruleset'] : ['table', family === 'IPv4' ? 'ip' : 'ip6', 'kube-proxy'];
  const result = await host.run({
    command: tools.save,
    args: ['-j', 'list', ...what],
    timeout: LIST_TIMEOUT,
    signal,
  });
  const rawText = listingIn(result);
  const rules = kernelRulesOf(await inTurns(parseInSteps(rawText, { name: 'nft' })));
  return {
    family,
    variant: tools.variant,
    tools,
    rules,
    rawText,
    diagnostics: rules.remarks('nft'),
  };
}

/** What is too old has no place for these rules. */
function refuseUnfit(version: string, kernel: string): void {
  const found = unsupported(version, kernel).find(({ code }) => code.endsWith('-too-old'));
  if (found === undefined) return;
  const { code, message, hint = '' } = found;
  throw code === 'nft-too-old'
    ? new ToolError(message, 'nft', { hint })
    : new UnsupportedError(message, { hint });
}

async function versionOf(host: Host): Promise<string> {
  const result = await host.run({ command: 'nft', args: ['--version'] });
  const version =
    result.kind === 'exited' ? /^nftables v(\S+)/.exec(result.stdout)?.[1] : undefined;
  if (version !== undefined) return version;
  if (result.kind === 'unstarted') throw failure('nft', result);
  throw new ToolError('the program nft is not installed or does not answer', 'nft', {
    hint: 'install nftables, or use --mode iptables',
  });
}

/** A table that is not there is an empty listing: nft says so, and fails. */
function listingIn(result: CommandResult): string {
  if (result.kind === 'exited' && result.code === 0) return result.stdout;
  if (result.kind === 'exited' && result.stderr.includes('No such file or directory'))
    return '{"nftables": []}';
  throw nftFailure(result);
}

/** The error for an nft that did not end well, when nothing better is known about its input. */
export function nftFailure(result: CommandResult): VipcError {
  return hasCrashed(result) ? CRASHED() : failure('nft', result);
}

/** A shell in between returns the signal as an exit status. */
function hasCrashed(result: CommandResult): boolean {
  if (result.kind === 'exited') return result.code === 128 + 11;
  return result.kind === 'killed' && result.signal === 'SIGSEGV';
}

const CRASHED = (): ToolError =>
  new ToolError('nft crashed: an older nft does so on sets that a newer one made', 'nft', {
    hint: 'list and load with the nft that made them, such as the one of the kube-proxy image, or install 1.1.2 or newer',
  });
