/** Rules are read in syntax/; elsewhere a backend uses their meaning. */

import { expect } from 'chai';
import { sourceFiles } from './support/source-files.js';

const BACKEND = /^backends\/(?:iptables|nftables)\//;
/** Words of rules in a pattern: options of iptables, commands and statements of nft. */
const RULE_TEXT =
  /(?:^|[^\w-])-\(?(?:[A-Z]|\[[A-Z]+\])\)? |(?:^| )-[a-z] |--[a-z]{3}|\b(?:add|create) (?:rule|element)|\bjump\b|\bgoto\b|numgen|\bdnat\b|\bvmap\b|\biif(?:name)?\b| mod \d| @/;
/** A regular expression, or a text that another one is searched for. */
const PATTERN =
  /(?:[=(,:?]|return|&&|\|\|)\s*(\/(?![/*])(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*)|\.(?:includes|startsWith|endsWith|indexOf|lastIndexOf|split)\(\s*('[^'\n]*'|`[^`]*`)/g;
/** Files of a backend besides `syntax/` that look into the text of rules, each with the reason. */
const READ_RULE_TEXT: Readonly<Record<string, string>> = {
  'iptables/chains.ts': 'sorts 400,000 lines of a first load into chains',
  'iptables/check/check.ts': 'finds the chains of a fragment among all of them',
  'iptables/check/listed-chains.ts': 'cuts what iptables lists into chains',
  'iptables/documents.ts': 'counts the rules of a document',
  'iptables/index.ts': 'counts the rules of an input',
  'iptables/remarks.ts': 'rules of mode ipvs, which this backend does not read otherwise',
  'iptables/kernel/driver.ts': 'finds the names of counters in a dump that is parsed later',
  'iptables/kernel/remembered.ts': 'reads the commands of an input, and skips nearly all of it',
  'iptables/kernel/restore.ts':
    'separates the commands of an input that check from those that change',
  'iptables/layouts/layout.ts': 'the form of a line that a template may write',
  'iptables/meaning.ts': 'reads a rule whose form is known without parsing it anew',
  'iptables/plan-check.ts': 'looks for a second command in a line of an untrusted plan',
  'iptables/print.ts': 'sorts lines of templates into sections',
  'iptables/writers.ts': 'versions of kube-proxy differ in how they write a rule',
  'nftables/kernel/load.ts': 'finds the commands that nft complained about',
  'nftables/documents.ts': 'counts the rules of a document',
  'nftables/meaning.ts': 'the meaning of what an element leads to',
  'nftables/node-settings.ts': 'finds the one rule of a Service chain that is parsed',
  'nftables/writers.ts': 'versions of kube-proxy differ in how they write a rule',
};

/** Whether code has a pattern with words of rules. */
function looksIntoRules(code: string): boolean {
  return [...code.matchAll(PATTERN)].some(([, regex, text]) => RULE_TEXT.test(regex ?? text ?? ''));
}

describe('the text of rules', () => {
  it('few files look into the text of rules, other than those that parse them', () => {
    const looking = sourceFiles()
      .filter(({ path }) => BACKEND.test(path) && !/\/syntax\/|\/precompiled\.ts$/.test(path))
      .filter(({ code }) => looksIntoRules(code));
    expect(looking.map(({ path }) => path.replace('backends/', ''))).to.have.members(
      Object.keys(READ_RULE_TEXT),
    );
  });

  it('distinguishes patterns of rules from others', () => {
    const looking = [
      "line.includes(' -j ACCEPT')",
      'line.startsWith(`-A ${chain} `)',
      'if (/^-([AD]) /.test(line)) {',
      'return / goto (\\S+)$/.exec(line)',
      'const DROP = /^add rule ip/;',
    ];
    expect(looking.filter((code) => !looksIntoRules(code))).to.deep.equal([]);
    const others = [
      "name.startsWith('service-')",
      "key.split(' ')",
      "return { kind: 'goto' };",
      'const half = a / b; const jump = c / d;',
    ];
    expect(others.filter(looksIntoRules)).to.deep.equal([]);
  });
});
