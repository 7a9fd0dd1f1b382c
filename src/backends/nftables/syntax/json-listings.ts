/** Finds the listings of `nft -j` in a text. */

import { messageOf } from '../../../errors.js';
import type { DumpReader } from './dump-reader.js';
import { listOf, objectOf } from './json-values.js';

const BROKEN =
  'nft 1.0.6 and older break off in the middle of a table with flags (dormant): list only the table kube-proxy';

/** The objects of one listing, or of several that stand behind one another. */
export function nftObjects(text: string, reader: DumpReader): readonly unknown[] {
  return listings(text, reader).flatMap(
    (listing) =>
      listOf(objectOf(listing)?.nftables) ?? reader.fail('the JSON is not a listing of nft'),
  );
}

function listings(text: string, reader: DumpReader): readonly unknown[] {
  try {
    return [JSON.parse(text)];
  } catch (cause) {
    // nft begins each at the start of a line, and jq indents what is in it.
    const several = text.split(/\n(?=\{)/);
    const values = several.length > 1 ? several.map(parsed) : [undefined];
    if (!values.includes(undefined)) return values;
    const reason = messageOf(cause);
    return reader.fail(`the listing of nft is broken or cut off: ${reason}`, BROKEN);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
