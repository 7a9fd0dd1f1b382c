/**
 * Every recorded case compiles to what kube-proxy 1.36.2 made of it, in both modes and both
 * families.
 */

import { expect } from 'chai';
import { type BackendName, type Compiled, type Family, print } from '../../src/index.js';
import { canonIptables } from '../support/canon/canon.js';
import { canonNft } from '../support/canon/canon-nft.js';
import { lineDiff } from '../support/canon/line-diff.js';
import {
  type ConformanceCase,
  conformanceCases,
  hasCaseFile,
  hasSharedCases,
  loadCase,
  readCaseFile,
} from '../support/cases/conformance-cases.js';
import { EXCEPTIONS, UNRECORDED } from './exceptions.js';

/** How the expectations of a mode are written. */
interface Recorded {
  readonly mode: BackendName;
  /** What their files are called, before `.v4` and `.v6`. */
  readonly file: string;
  readonly canon: (printed: string, family: Family) => string;
}

const MODES: readonly Recorded[] = [
  { mode: 'iptables', file: 'expected.iptables', canon: (text) => canonIptables(text) },
  {
    mode: 'nftables',
    file: 'expected.nft',
    canon: (text, family) => canonNft(text, family === 'IPv4' ? 'ip' : 'ip6'),
  },
];

const cases = conformanceCases();

function compileCase(found: ConformanceCase, mode: BackendName): (family: Family) => Compiled {
  const { diagnostics, compile } = loadCase(found, mode);
  const legacy = found.name.endsWith('-legacy');
  if (!legacy) expect(diagnostics.filter((d) => d.severity === 'error')).to.deep.equal([]);
  return compile;
}

before(() => {
  if (!hasSharedCases())
    console.log(
      '    (random and large cases are not beside this checkout: only the fixtures are compared)',
    );
});

describe('conformance', () => {
  it('has the fixtures to compare', () => {
    expect(cases.filter((found) => found.recordedHere)).to.have.length.greaterThan(130);
  });

  it('has a case for every exception', () => {
    for (const { cases: names, reason } of [...EXCEPTIONS, ...UNRECORDED]) {
      expect(
        cases.some(({ name }) => names.test(name)),
        reason,
      ).to.equal(true);
    }
  });
});

for (const { mode, file, canon } of MODES) {
  describe(`conformance of ${mode}`, () => {
    for (const found of cases) {
      const isRecorded = hasCaseFile(found, `${file}.v4`);
      it(`${found.name}${isRecorded ? '' : ', which was not recorded'}`, () => {
        const compile = compileCase(found, mode);
        if (!isRecorded) {
          const known = UNRECORDED.some(
            (some) => some.mode === mode && some.cases.test(found.name),
          );
          expect(known, `${file} is missing`).to.equal(true);
          return;
        }
        const exception = EXCEPTIONS.find(({ cases: names }) => names.test(found.name));
        for (const family of ['IPv4', 'IPv6'] satisfies Family[]) {
          const recorded = readCaseFile(found, `${file}.v${family.slice(3)}`);
          const expected = exception === undefined ? recorded : exception.expected[mode](recorded);
          const compiled = compile(family);
          expect(lineDiff(canon(print(compiled.ruleset), family), expected), family).to.equal('');
          if (exception === undefined) continue;
          expect(expected, exception.reason).to.not.equal(recorded);
          expect(compiled.diagnostics.map(({ code }) => code)).to.include(exception.diagnostic);
        }
      });
    }
  });
}

describe('names that are too long for a comment of nft', () => {
  const found = cases.find(({ name }) => name.endsWith('-long-names-without-endpoints'))!;

  it('are cut to 128 bytes, and dots mark what was cut', () => {
    const { compile } = loadCase(found, 'nftables');
    const texts = (['IPv4', 'IPv6'] satisfies Family[]).map((f) => print(compile(f).ruleset));
    const comments = texts.flatMap((text) => [...text.matchAll(/comment "([^"]*)"/g)]);
    const lengths = comments.map(([, comment = '']) => Buffer.byteLength(comment));
    expect(Math.max(...lengths)).to.equal(128);
    const cut = comments.filter(([, comment = '']) => comment.endsWith('...'));
    expect(cut).to.have.length.greaterThan(0);
    for (const [, comment = ''] of cut) expect(comment).to.match(/^namespace-.*\/service-/);
  });
});
