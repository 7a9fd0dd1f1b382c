/** The handles of objects in the kernel: what is deleted and made again gets another one. */

/** A chain with its rules, a set or a map. */
interface Handled {
  /** Without handles and elements. */
  readonly content: string;
  readonly handles: readonly number[];
}

interface NftObject {
  readonly family: string;
  readonly table: string;
  readonly name: string;
  readonly chain?: string;
  readonly handle: number;
}

/** From a JSON listing of nft, by kind, table and name. */
export function handlesOf(listing: string): ReadonlyMap<string, Handled> {
  const { nftables }: { nftables: readonly Readonly<Record<string, NftObject>>[] } =
    JSON.parse(listing);
  const found = new Map<string, Handled>();
  for (const entry of nftables) {
    const [kind, object] = Object.entries(entry)[0]!;
    if (kind === 'metainfo' || kind === 'table') continue;
    const { handle, ...rest } = object;
    const unit = kind === 'rule' ? `chain ${object.chain}` : `${kind} ${object.name}`;
    const key = `${object.family} ${object.table} ${unit}`;
    const known = found.get(key) ?? { content: '', handles: [] };
    found.set(key, {
      content: `${known.content}${JSON.stringify({ ...rest, elem: undefined })}\n`,
      handles: [...known.handles, handle],
    });
  }
  return found;
}
