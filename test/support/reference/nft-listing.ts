/** What `nft -y list ruleset` prints, as commands, one a line. */

const SECONDS: Readonly<Record<string, number>> = { d: 86400, h: 3600, m: 60, s: 1 };

/** A command for each thing in a listing. */
export function commandsOf(listing: string): string {
  const commands: string[] = [];
  let [table, block, properties]: [string, string, string[]] = ['', '', []];
  // Elements go on over lines up to their last brace.
  for (const line of listing
    .replaceAll(/,\n\s+/g, ', ')
    .split('\n')
    .map((text) => text.trim())) {
    const [, kind = '', name = ''] = /^(table|chain|set|map) (.*) \{$/.exec(line) ?? [];
    if (kind === 'table') {
      table = name;
      commands.push(`add table ${name}`);
    } else if (kind !== '') [block, properties] = [`${kind} ${table} ${name}`, []];
    else if (line === '}' && block !== '') {
      commands.push(...blockCommands(block, properties));
      block = '';
    } else if (block !== '') properties.push(line);
  }
  const order = ['add table', 'add chain', 'add set', 'add map', 'add element', 'add rule'];
  return order
    .flatMap((start) => commands.filter((text) => text.startsWith(`${start} `)))
    .join('\n');
}

function blockCommands(block: string, lines: readonly string[]): readonly string[] {
  const [kind = ''] = block.split(' ');
  const where = block.slice(kind.length + 1);
  const isProperty = (line: string): boolean =>
    kind !== 'chain' || /^type \w+ hook |^comment "/.test(line);
  const properties = lines
    .filter(
      (line) => isProperty(line) && !line.startsWith('elements = ') && !line.startsWith('comment '),
    )
    .map((line) =>
      line
        .replace(/;? *$/, '')
        .replace(/^timeout (.*)/, (_, time) => `timeout ${inSeconds(time)}s`),
    );
  const declared = properties.length === 0 ? '' : ` { ${properties.join(' ; ')} ; }`;
  return [
    `add ${kind} ${where}${declared}`,
    ...lines.flatMap((line) => {
      if (!isProperty(line)) return [`add rule ${where} ${line}`];
      const elements = /^elements = (.*)$/.exec(line)?.[1];
      return elements === undefined ? [] : [`add element ${where} ${elements}`];
    }),
  ];
}

/** `1d1h`, `90s`. */
function inSeconds(time: string): number {
  return [...time.matchAll(/(\d+)([dhms])/g)].reduce(
    (sum, [, count, unit = '']) => sum + Number(count) * (SECONDS[unit] ?? 0),
    0,
  );
}
