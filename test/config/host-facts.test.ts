import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { isAddressWithPrefix, loadHostFacts } from '../../src/config/host-facts.js';
import { ConfigError } from '../../src/errors.js';

const FACTS =
  'nodeName: Node-A\nnfacct: true\ninterfaces:\n- name: lo\n  addresses: [127.0.0.1/8, "::1/128"]\n';

describe('config/host-facts', () => {
  it('reads facts; the name in lower case, nfacct off by default', () => {
    expect(loadHostFacts(FACTS, 'host.yaml')).to.deep.equal({
      nodeName: 'node-a',
      nfacct: true,
      interfaces: [{ name: 'lo', addresses: ['127.0.0.1/8', '::1/128'] }],
    });
    expect(loadHostFacts('{"nodeName": "a", "interfaces": []}', 'host.json').nfacct).to.equal(
      false,
    );
  });

  it('reads every host of the conformance cases', function () {
    const cases = join(import.meta.dirname, '../../../shared/conformance/cases');
    if (!existsSync(cases)) {
      console.log('      skipped: ../shared/conformance is not there');
      this.skip();
    }
    for (const name of readdirSync(cases)) {
      const file = join(cases, name, 'host.yaml');
      expect(loadHostFacts(readFileSync(file, 'utf8'), file).interfaces, name).to.have.length.above(
        1,
      );
    }
  });

  const cases: readonly (readonly [text: string, message: string])[] = [
    ['', 'h.yaml: no host facts in it'],
    ['nodeName: " "\ninterfaces: []', 'h.yaml:1:11: nodeName: " ": must not be empty'],
    ['nodeName: a', 'h.yaml:1:1: interfaces: is required'],
    [`${FACTS}nodeName: b`, 'h.yaml:6:1: key nodeName is set twice in one map'],
    [`${FACTS}nfaccount: true`, 'h.yaml:6:1: nfaccount: unknown field'],
    [
      FACTS.replace('/8', ''),
      'h.yaml:5:15: interfaces[0].addresses[0]: "127.0.0.1": must be an address with its prefix length, such as 192.168.0.10/24',
    ],
    [
      FACTS.replace('name: lo', 'name: "l o"'),
      'h.yaml:4:9: interfaces[0].name: "l o": must be the name of a network interface',
    ],
    [FACTS.replace('true', '1'), 'h.yaml:2:9: nfacct: 1: must be true or false, not a number'],
    [`${FACTS}---\n${FACTS}`, 'h.yaml: holds 2 documents instead of one'],
  ];
  for (const [text, message] of cases) {
    it(`refuses: ${message}`, () => {
      expect(() => loadHostFacts(text, 'h.yaml'))
        .to.throw(ConfigError)
        .with.property('message')
        .that.satisfies((said: string) => said.startsWith(message));
    });
  }

  it('distinguishes addresses with a prefix length from anything else', () => {
    for (const good of ['10.0.0.1/32', '10.0.0.1/0', 'fd00::1/128'])
      expect(isAddressWithPrefix(good), good).to.equal(true);
    for (const bad of [
      '10.0.0.1',
      '10.0.0.1/33',
      'fd00::1/129',
      '10.0.0/8',
      '10.0.0.1/8/8',
      '/8',
      '10.0.0.1/',
      '10.0.0.1/-1',
    ]) {
      expect(isAddressWithPrefix(bad), bad).to.equal(false);
    }
  });
});
