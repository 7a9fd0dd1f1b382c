/** `vipc lint -o sarif` is SARIF 2.1.0, and says where, what and why. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { lintCases, runLint } from '../../support/cases/lint-cases.js';
import { runIn } from '../../support/process/run-in.js';
import { sarifProblems } from '../../support/sarif-schema.js';

interface Result {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly level: string;
  readonly message: { readonly text: string };
  readonly locations: readonly {
    readonly physicalLocation?: {
      readonly artifactLocation: { readonly uri: string };
      readonly region: { readonly startLine: number; readonly startColumn: number };
    };
    readonly logicalLocations?: readonly { readonly fullyQualifiedName: string }[];
  }[];
  readonly partialFingerprints: Readonly<Record<string, string>>;
  readonly suppressions: readonly { readonly justification: string }[];
}

interface Log {
  readonly runs: readonly [
    {
      readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
      readonly results: readonly Result[];
    },
  ];
}

const EXAMPLE = 'fixtures/lint-example/shop.yaml';

async function logOf(...words: readonly string[]): Promise<Log['runs'][0]> {
  const { out, err } = await runIn(['lint', ...words, '-o', 'sarif']);
  expect(out, err).to.match(/^\{/);
  expect(sarifProblems(out)).to.deep.equal([]);
  return (JSON.parse(out) as Log).runs[0];
}

describe('cli/views/sarif', () => {
  it('is valid for every rule', async () => {
    for (const { code, args = [], good, ...files } of lintCases()) {
      const { out } = await runLint(files, [...args, '-o', 'sarif']);
      expect(sarifProblems(out), code).to.deep.equal([]);
      const [{ results, tool }] = (JSON.parse(out) as Log).runs;
      expect(results.map(({ ruleId }) => ruleId)).to.include(code);
      for (const { ruleId, ruleIndex } of results)
        expect(tool.driver.rules[ruleIndex]?.id).to.equal(ruleId);
    }
  });

  it('has the position, the object and the remedy', async () => {
    const { results } = await logOf('-f', EXAMPLE);
    const found = results.find(({ ruleId }) => ruleId === 'external-ip-overlap');
    expect(found).to.deep.include({
      level: 'error',
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: EXAMPLE },
            region: { startLine: 36, startColumn: 17 },
          },
          logicalLocations: [
            { name: 'web', fullyQualifiedName: 'Service shop/web', kind: 'resource' },
          ],
        },
      ],
      partialFingerprints: {
        'vipc/v1': 'external-ip-overlap Service shop/web: spec.externalIPs[0]',
      },
      suppressions: [],
    });
    expect(found?.message.text).to.match(
      /^Service shop\/web: spec\.externalIPs\[0\]: .*\. What to do: /,
    );
  });

  it('encodes paths, and has no artifact for standard input', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vipc-sarif-'));
    try {
      const file = join(folder, 'a b%', 'ü#.yaml');
      mkdirSync(join(folder, 'a b%'));
      const text = 'apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: []}\n';
      writeFileSync(file, text);
      const { results } = await logOf('-f', file);
      const uri = results[0]?.locations[0]?.physicalLocation?.artifactLocation.uri;
      expect(uri).to.match(/^file:\/\/\/.*\/a%20b%25\/%C3%BC%23\.yaml$/);
      const { out } = await runIn(['lint', '-f', '-', '-o', 'sarif'], text);
      expect(sarifProblems(out)).to.deep.equal([]);
      const [{ results: piped }] = (JSON.parse(out) as Log).runs;
      expect(piped[0]?.locations).to.deep.equal([
        {
          logicalLocations: [
            { name: 'a', fullyQualifiedName: 'Service default/a', kind: 'resource' },
          ],
        },
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('lists suppressed findings, with the reason', async () => {
    const cased = lintCases().find(({ code }) => code === 'suppression-unused');
    const files = { objects: cased!.objects!, suppressions: cased!.good.suppressions! };
    const { out } = await runLint(files, ['-o', 'sarif']);
    expect(sarifProblems(out)).to.deep.equal([]);
    const [{ results }] = (JSON.parse(out) as Log).runs;
    expect(results.map(({ suppressions }) => suppressions)).to.deep.equal([
      [
        {
          kind: 'external',
          status: 'accepted',
          justification: 'moves to a load balancer with the next release',
        },
      ],
    ]);
  });

  it('is refused for --list and --explain', async () => {
    for (const words of [['--list'], ['--explain', 'mode-unset']])
      expect((await runIn(['lint', ...words, '-o', 'sarif'])).code).to.equal(64);
  });

  it('is valid against the published schema', () => {
    const log = { version: '2.1.0', runs: [{ tool: { driver: { name: 'vipc' } } }] };
    expect(sarifProblems(JSON.stringify(log))).to.deep.equal([]);
    const region = { startLine: 0 };
    const bad = {
      ...log,
      version: '2.0.0',
      runs: [
        {
          ...log.runs[0],
          results: [
            {
              level: 'hint',
              locations: [{ physicalLocation: { region } }],
              message: { text: 'm' },
            },
          ],
        },
      ],
    };
    expect(sarifProblems(JSON.stringify(bad))).to.have.length(3);
  });
});
