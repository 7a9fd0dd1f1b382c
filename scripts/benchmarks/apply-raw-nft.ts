/** nft alone, with scripts written by hand from the lines of a Service. */

import type { Fragment } from '../../src/index.js';
import { type RawTool, timedCommand, timedInput } from './apply-raw.js';

const KINDS = ['chain', 'set', 'element', 'rule'];

/** nft in mode nftables. */
export const NFT_TOOL: RawTool = {
  load: (input) => timedInput(input, ['nft', '-f', '-']),
  save: () => timedCommand('/dev/null', ['nft', '-j', 'list', 'table', 'ip', 'kube-proxy']),
  fastestInput: (document) => document,
  ownChains: (fragment) =>
    script([
      ...linesOf(fragment, 'chain').map((line) => line.replace('add', 'flush')),
      ...linesOf(fragment, 'rule'),
      ...endpointsOf(fragment).map(deletion),
      ...endpointsOf(fragment),
    ]),
  newService: (fragment) => script(KINDS.flatMap((kind) => linesOf(fragment, kind))),
  deletedService: (fragment) =>
    script([
      ...linesOf(fragment, 'chain').map((line) => line.replace('add', 'flush')),
      ...linesOf(fragment, 'element').map(deletion),
      ...linesOf(fragment, 'chain').map((line) => line.replace('add', 'delete')),
    ]),
};

/** The elements that hold endpoints, where no chain does. */
function endpointsOf(fragment: Fragment): readonly string[] {
  return linesOf(fragment, 'element').filter((line) => / \S*endpoints-\w+ \{ /.test(line));
}

function deletion(element: string): string {
  return element
    .replace('add', 'delete')
    .replace(/ comment "[^"]*"/, '')
    .replace(/ : .* }$/, ' }');
}

function linesOf({ text }: Fragment, kind: string): readonly string[] {
  return text.split('\n').filter((line) => line.startsWith(`add ${kind} `));
}

function script(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}
