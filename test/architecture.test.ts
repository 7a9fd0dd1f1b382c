/**
 * The rules of ARCHITECTURE.md that a machine can hold: who may import whom, and what a file may
 * look like.
 */

import { expect } from 'chai';
import {
  findCycle,
  type Import,
  type SourceFile,
  sourceFile,
  sourceFiles,
  textsBelow,
} from './support/source-files.js';

/** Words that everybody may use: they say nothing of a stage. */
const COMMON = 'net error-codes errors diagnostics grouping json-ends shared-ends steps';

/**
 * Each folder of src/, and each file right there, with what it may import: our own folders, then
 * packages after the bar. Arrows of the pipeline point one way: a folder may use what stands above
 * it, never what stands below. `node:` modules are packages like any other. Only the stages that
 * read input know a YAML reader; cli has js-yaml to write what `vipc host` prints.
 */
const MAY_IMPORT = `
  net             ->
  profiles        ->
  diagnostics     ->
  error-codes     ->
  grouping        ->
  json-ends       ->
  shared-ends     ->
  steps           ->
  errors          -> diagnostics error-codes
  printable       ->
  diagnostic-text -> diagnostics printable
  nearest-name    ->
  shell-word      ->
  input           -> ${COMMON} nearest-name | js-yaml
  config          -> ${COMMON} diagnostic-text nearest-name input profiles
  snapshot        -> ${COMMON} nearest-name input
  model           -> ${COMMON} snapshot config profiles
  dns             -> ${COMMON} snapshot
  ruleset         -> ${COMMON}
  netfilter       -> ${COMMON}
  lint            -> ${COMMON} nearest-name input config snapshot model ruleset netfilter
  explain         -> ${COMMON} printable nearest-name shell-word config snapshot dns model netfilter
  flows           -> ${COMMON} model ruleset
  plan            -> ${COMMON} ruleset netfilter flows input
  host            -> ${COMMON} shell-word input config | execa node:buffer node:child_process node:crypto node:diagnostics_channel node:fs node:net node:os node:path node:stream node:v8 node:vm
  backends        -> ${COMMON} profiles config model ruleset netfilter flows plan host | @noble/hashes handlebars node:crypto node:fs node:path
  pipeline        -> ${COMMON} config snapshot model ruleset plan backends
  report          -> ${COMMON} diagnostic-text snapshot model ruleset netfilter explain | node:zlib
  behaviour       -> ${COMMON} printable input config snapshot model ruleset netfilter explain backends
  cluster         -> ${COMMON} nearest-name input host | js-yaml node:crypto node:fs node:http node:https node:net node:path node:stream node:util node:zlib socks
  apply           -> ${COMMON} input config dns model ruleset flows plan host backends
  drift           -> ${COMMON} ruleset plan host backends apply
  agent           -> ${COMMON} diagnostic-text printable input config snapshot dns model ruleset flows explain plan host backends pipeline report apply cluster drift | node:events node:fs node:http node:net node:path node:stream node:util node:zlib pino prom-client
  index           -> ${COMMON} diagnostic-text input config snapshot model ruleset netfilter plan backends pipeline behaviour
  golden-file     -> | node:fs node:path node:url
  chai            -> behaviour golden-file | chai
  matchers        -> behaviour golden-file
  cli             -> ${COMMON} profiles diagnostic-text printable nearest-name shell-word input config snapshot dns model ruleset netfilter lint flows explain plan host backends pipeline behaviour apply cluster agent report | commander js-yaml node:fs node:path node:util
`;

/** Packages that one file alone may import, though its folder may. */
const ONE_FILE: Readonly<Record<string, string>> = {
  execa: 'host/program.ts',
  pino: 'agent/observers/log-writer.ts',
};

/**
 * Stages that give the same output for the same input: they see no clock, no chance, no process.
 */
const PURE = new Set([
  'net',
  'errors',
  'diagnostics',
  'diagnostic-text',
  'grouping',
  'json-ends',
  'shared-ends',
  'steps',
  'nearest-name',
  'shell-word',
  'config',
]);
for (const unit of [
  'profiles',
  'input',
  'snapshot',
  'dns',
  'model',
  'ruleset',
  'netfilter',
  'lint',
  'explain',
  'report',
  'plan',
  'backends',
  'pipeline',
  'behaviour',
])
  PURE.add(unit);

const BACKEND = /^backends\/(?:iptables|nftables)\//;
/** The parts of a backend that run the kernel's tools. */
const RUNS_TOOLS = /^backends\/(?:(?:iptables|nftables)\/(?:kernel|check)|check)\//;

/** Holds the script of a page as text, which runs in a browser. */
const SCRIPT_TEXT = 'report/precompiled.ts';
const IMPURE =
  /\b(?:process\.|Date\.now|new Date\b|Math\.random|performance\.|setTimeout|setInterval|setImmediate|fetch\(|console\.|globalThis|require\()/;

/** Packages that would cost users of the library start-up time. */
const NOT_IN_LIBRARY = ['commander', 'execa', 'chai', 'pino', 'prom-client'];

/** The formatter holds code to this width, but leaves comments alone. */
const MAX_COLUMNS = 100;
const COMMENT = /^\s*(?:\/\*\*|\*|\/\/)/;
const MAX_LINES = 250;
/** Files that are one long table, each with the reason why cutting it would help nobody. */
const LONG_TABLES: Readonly<Record<string, string>> = {
  'snapshot/shapes.ts': 'the fields of six Kubernetes kinds, read from top to bottom',
};

/** Calls that spread lists which cannot be long, each with the reason. */
const BOUNDED: readonly string[] = [
  // The words of one address: nine at most.
  'net/ip.ts:',
  // The columns of one row of edit distances between two flag names.
  'nearest-name.ts:',
  // Two families.
  'agent/serving/',
  // `!` or nothing.
  'backends/iptables/syntax/rule.ts:',
  // The words of one kind of refusal.
  'backends/nftables/syntax/json-words.ts:',
  // A bounded number of chains at a time.
  'backends/iptables/check/rotation.ts:',
];

interface Rule {
  readonly ours: ReadonlySet<string>;
  readonly packages: ReadonlySet<string>;
}

const RULES: ReadonlyMap<string, Rule> = new Map(
  MAY_IMPORT.trim()
    .split('\n')
    .map((line): [string, Rule] => {
      const [unit = '', right = ''] = line.trim().split(/\s*->\s*/);
      const [ours = '', packages = ''] = right.split('|');
      const words = (text: string): Set<string> =>
        new Set(text.split(' ').filter((word) => word !== ''));
      return [unit, { ours: words(ours), packages: words(packages) }];
    }),
);

/** The unit of one of our files. */
function unitOf(path: string): string {
  return sourceFile(path, '').unit;
}

/** What is wrong with one import, or ''. */
function fault(file: SourceFile, { to, ours }: Import): string {
  const rule = RULES.get(file.unit);
  if (rule === undefined) return `${file.path}: folder ${file.unit} has no line in the table`;
  const unit = ours ? unitOf(to) : to;
  if (ours && unit === file.unit) return '';
  if (!ours && to in ONE_FILE && ONE_FILE[to] !== file.path)
    return `${file.path}: only ${ONE_FILE[to]} may import ${to}`;
  const allowed = ours ? rule.ours : rule.packages;
  return allowed.has(unit) ? '' : `${file.path}: ${file.unit} may not import ${ours ? to : unit}`;
}

function faults(files: readonly SourceFile[]): readonly string[] {
  return files.flatMap((file) => file.imports.map((found) => fault(file, found))).filter(Boolean);
}

/** Everything that runs when the file is imported. */
function reached(entry: string, files: readonly SourceFile[]): ReadonlySet<string> {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const seen = new Set<string>();
  const visit = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const found of byPath.get(path)?.imports ?? [])
      if (!found.typeOnly && !found.dynamic) visit(found.to);
  };
  visit(entry);
  return seen;
}

describe('architecture', () => {
  const files = sourceFiles();

  it('every import is one that the table allows', () => {
    expect(files.length).to.be.greaterThan(50);
    expect(faults(files).join('\n')).to.equal('');
  });

  it('nothing outside the backends and the command line asks which mode it is', () => {
    const asking = files
      .filter(({ unit }) => unit !== 'backends' && unit !== 'cli')
      .filter(({ text }) => /\bmode\w* [!=]== '(?:iptables|nftables)'/.test(text));
    expect(asking.map(({ path }) => path)).to.deep.equal([]);
  });

  it('no call spreads a list of any length: the stack overflows at some 120,000 items', () => {
    const spreads = files.flatMap(({ path, code }) =>
      [
        ...code.matchAll(
          /(?:\.(?:push|unshift)|Math\.(?:max|min))\((?:[^(){}]*,)?\s*\.\.\.[^\n]*/g,
        ),
      ].map(([call]) => `${path}: ${call}`),
    );
    expect(
      spreads.filter((call) => !BOUNDED.some((known) => call.startsWith(known))),
    ).to.deep.equal([]);
  });

  it('every import leads to a file', () => {
    const paths = new Set(files.map((file) => file.path));
    const lost = files.flatMap((file) =>
      file.imports
        .filter(({ to, ours }) => ours && !paths.has(to))
        .map(({ to }) => `${file.path}: ${to}`),
    );
    expect(lost.join('\n')).to.equal('');
  });

  it('the table has no line and no word too many', () => {
    const units = new Set(files.map((file) => file.unit));
    const common = new Set(COMMON.split(' '));
    expect([...RULES.keys()].filter((unit) => !units.has(unit))).to.deep.equal([]);
    const order = [...RULES.keys()];
    for (const [unit, { ours, packages }] of RULES) {
      const imports = files.filter((file) => file.unit === unit).flatMap((file) => file.imports);
      const used = new Set(imports.map((found) => (found.ours ? unitOf(found.to) : found.to)));
      for (const name of packages) expect(used, `${unit} uses ${name}`).to.include(name);
      for (const other of ours) {
        expect(units, `${unit} -> ${other}`).to.include(other);
        if (!common.has(other)) expect(used, `${unit} uses ${other}`).to.include(other);
      }
      const below = [...ours].filter((other) => order.indexOf(other) > order.indexOf(unit));
      expect(
        below.filter((other) => !COMMON.includes(other)),
        `below ${unit}`,
      ).to.deep.equal([]);
    }
  });

  it('nobody imports below the door of a backend', () => {
    const below = files
      .filter((file) => !BACKEND.test(file.path))
      .flatMap((file) =>
        file.imports
          .filter(({ to }) => BACKEND.test(to) && !/^backends\/\w+\/index\.ts$/.test(to))
          .map(({ to }) => `${file.path}: ${to}`),
      );
    expect(below).to.deep.equal([]);
  });

  it('only backends/index.ts opens the doors', () => {
    const users = files.filter(
      (file) =>
        file.path !== 'backends/index.ts' &&
        file.path !== 'index.ts' &&
        !BACKEND.test(file.path) &&
        file.imports.some(({ to }) => BACKEND.test(to)),
    );
    expect(users.map(({ path }) => path)).to.deep.equal([]);
  });

  it('backends do not import each other', () => {
    const strangers = files
      .filter((file) => BACKEND.test(file.path))
      .flatMap((file) => {
        const own = file.path.replace(/^(backends\/\w+\/).*/, '$1');
        return file.imports
          .filter(({ to }) => BACKEND.test(to) && !to.startsWith(own))
          .map(({ to }) => `${file.path}: ${to}`);
      });
    expect(strangers).to.deep.equal([]);
  });

  it('no folder depends on itself by way of another, not even for a type', () => {
    const edges = new Map<string, Set<string>>();
    for (const { unit, imports } of files) {
      const to = edges.get(unit) ?? new Set<string>();
      edges.set(unit, to);
      for (const found of imports)
        if (found.ours && unitOf(found.to) !== unit) to.add(unitOf(found.to));
    }
    expect(findCycle(edges)).to.equal(undefined);
  });

  it('no file depends on itself by way of another, not even for a type', () => {
    const edges = new Map(
      files.map(({ path, imports }) => [
        path,
        new Set(imports.filter(({ ours }) => ours).map(({ to }) => to)),
      ]),
    );
    expect(findCycle(edges)).to.equal(undefined);
  });

  it('pure stages use no clock, chance, process or network', () => {
    const found = files
      .filter((file) => PURE.has(file.unit) && !RUNS_TOOLS.test(file.path))
      .filter(({ path }) => path !== SCRIPT_TEXT)
      .flatMap((file) => {
        const match = IMPURE.exec(file.code);
        return match === null ? [] : `${file.path}: ${match[0]}`;
      });
    expect(found).to.deep.equal([]);
  });

  it('the library loads no package that only a command or a test needs', () => {
    const all = reached('index.ts', files);
    expect(all).to.include('js-yaml').and.to.include('backends/templates.ts');
    // Compiles templates, which those of the package do not need.
    expect(all).to.not.include('backends/user-templates.ts');
    expect([...all].filter((path) => path.startsWith('node:'))).to.deep.equal(['node:crypto']);
    for (const name of NOT_IN_LIBRARY) expect(all).to.not.include(name);
    expect(reached('chai.ts', files)).to.not.include('chai');
    const matchers = [...reached('matchers.ts', files)];
    expect(matchers.filter((path) => /^(?:backends|snapshot|config)\//.test(path))).to.deep.equal(
      [],
    );
    expect([...all].filter((path) => /^cli\/|^host\/system/.test(path))).to.deep.equal([]);
  });

  it('there are no default exports', () => {
    const found = files.filter((file) => /^export\s+default\b|\bas\s+default\b/m.test(file.code));
    expect(found.map((file) => file.path)).to.deep.equal([]);
  });

  it(`files have at most ${MAX_LINES} lines, tables and generated code excepted`, () => {
    const long = files
      .filter((file) => file.lines > MAX_LINES && !file.path.endsWith('/precompiled.ts'))
      .map((file) => file.path);
    expect(long).to.deep.equal(Object.keys(LONG_TABLES));
  });

  it(`comments have at most ${MAX_COLUMNS} columns, in tests, scripts and pages too`, () => {
    const found = ['src', 'test', 'scripts', 'templates'].flatMap((folder) =>
      textsBelow(folder).flatMap(({ path, text }) =>
        text
          .split('\n')
          .flatMap((line, i) =>
            line.length > MAX_COLUMNS && COMMENT.test(line) ? `${folder}/${path}:${i + 1}` : [],
          ),
      ),
    );
    expect(found).to.deep.equal([]);
  });

  it('files are kebab-case nouns, and each begins by saying what it is', () => {
    const names = files.filter(
      (file) =>
        !/^(?:[a-z0-9]+(?:-[a-z0-9]+)*\/)*[a-z0-9]+(?:-[a-z0-9]+)*(?:\.d)?\.ts$/.test(file.path),
    );
    expect(names.map((file) => file.path)).to.deep.equal([]);
    const vague = files.filter((file) =>
      /(?:^|[-/])(?:utils?|helpers?|managers?|common|misc)\b/.test(file.path),
    );
    expect(vague.map((file) => file.path)).to.deep.equal([]);
    const silent = files.filter((file) => !/^(?:#!.*\n+)?\/\*\*/.test(file.text));
    expect(silent.map((file) => file.path)).to.deep.equal([]);
  });
});

describe('architecture: the reader behind it', () => {
  const read = (path: string, text: string): readonly string[] => faults([sourceFile(path, text)]);

  it('sees every form of import', () => {
    const { imports } = sourceFile(
      'model/x.ts',
      [
        "import { a, \n  type B } from '../net/ip.js';",
        "import type { C } from '../config/types.js';",
        "import { type D, type E } from './order.js';",
        "export * from '../errors.js';",
        "export type * from './types.js';",
        "import * as fs from 'node:fs/promises';",
        "import 'execa';",
        "const late = await import('@scope/package/dist/x.js');",
        "/** import { no } from 'nowhere'; */",
        "// import { no } from 'nowhere';",
        "const text = 'export nothing from here';",
      ].join('\n'),
    );
    expect(
      imports.map(
        ({ to, typeOnly, dynamic }) => `${to}${typeOnly ? ' type' : ''}${dynamic ? ' late' : ''}`,
      ),
    ).to.deep.equal([
      'net/ip.ts',
      'config/types.ts type',
      'model/order.ts type',
      'errors.ts',
      'model/types.ts type',
      'node:fs',
      'execa',
      '@scope/package late',
    ]);
  });

  it('refuses what the table does not allow', () => {
    expect(read('model/x.ts', "import { x } from '../ruleset/types.js';")).to.have.length(1);
    expect(read('net/x.ts', "import type { x } from '../config/types.js';")).to.have.length(1);
    expect(read('model/x.ts', "import 'node:fs';")).to.have.length(1);
    expect(read('plan/x.ts', "import 'handlebars';")).to.have.length(1);
    expect(read('host/x.ts', "import { execa } from 'execa';")).to.have.length(1);
    expect(read('host/program.ts', "import { execa } from 'execa';")).to.have.length(0);
    expect(read('elsewhere/x.ts', "import '../net/ip.js';")).to.have.length(1);
    expect(read('model/x.ts', "import { x } from './order.js';")).to.have.length(0);
  });

  it('finds a cycle', () => {
    const edges = (text: string): Map<string, Set<string>> =>
      new Map(text.split(' ').map((word) => [word.charAt(0), new Set(word.slice(2))]));
    expect(findCycle(edges('a>bc b>c c>'))).to.equal(undefined);
    expect(findCycle(edges('a>b b>c c>db d>'))).to.deep.equal(['b', 'c', 'b']);
    expect(findCycle(edges('a>a'))).to.deep.equal(['a', 'a']);
  });
});
