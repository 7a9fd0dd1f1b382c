/**
 * Whatever comes in, what comes out is a document of rules that are understood, and the same for
 * the same objects.
 */

import { expect } from 'chai';
import fc from 'fast-check';
import { dump } from 'js-yaml';
import { type Family, familyOf, inetNtop, parseIp } from '../../src/net/ip.js';
import { type Compiled, type CompileOptions, compileSnapshot, print } from '../../src/pipeline.js';
import type { BackendName } from '../../src/ruleset/types.js';
import { type LoadedSnapshot, loadSnapshot } from '../../src/snapshot/load.js';
import { namespacedName, type Service } from '../../src/snapshot/types.js';
import { cutText, hostileObject, textCuts } from '../support/arbitrary/hostile.js';
import { property, propertyUntil, runs } from '../support/arbitrary/property.js';
import { cluster, options } from '../support/arbitrary/snapshot.js';
import { anyText } from '../support/arbitrary/text.js';
import { TESTED_BACKENDS, type TestedBackend } from '../support/cases/backends.js';

const FAMILIES: readonly Family[] = ['IPv4', 'IPv6'];

/** The same objects as a JSON List, as JSON that only the YAML reader sees, and as block YAML. */
function texts(objects: readonly unknown[]): readonly string[] {
  const json = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  const yaml = objects.map((object) => dump(object, { lineWidth: -1 })).join('---\n');
  return [json, `# yaml\n${json}\n`, yaml];
}

function load(...sources: readonly string[]): LoadedSnapshot {
  return loadSnapshot(sources.map((text, i) => ({ name: `${i}.yaml`, text })));
}

interface Output extends Compiled {
  readonly text: string;
}

type Compile = (loaded: LoadedSnapshot, family: Family, given: CompileOptions) => Output;

/** Compiles for a mode, whatever the configuration says. */
function compileFor(mode: BackendName): Compile {
  return (loaded, family, given) => {
    const compiled = compileSnapshot(loaded.snapshot, family, { ...given, mode });
    return { ...compiled, text: print(compiled.ruleset) };
  };
}

/** The Service's address in a family, or undefined where kube-proxy has nothing to do for it. */
function addressOf({ spec, metadata }: Service, family: Family): string | undefined {
  if (spec.type === 'ExternalName' || spec.clusterIP === 'None') return undefined;
  if (Object.hasOwn(metadata.labels ?? {}, 'service.kubernetes.io/service-proxy-name'))
    return undefined;
  const index = (spec.ipFamilies ?? []).indexOf(family);
  const ip = parseIp(spec.clusterIPs?.[index] ?? '');
  return ip !== undefined && familyOf(ip) === family ? inetNtop(ip) : undefined;
}

/** Every Service about which nothing was said has a rule for its address, in each port. */
function checkServices(
  { linesFor }: TestedBackend,
  loaded: LoadedSnapshot,
  output: Output,
  family: Family,
): number {
  let checked = 0;
  const doubtful = new Set(
    [...loaded.diagnostics, ...output.diagnostics]
      .filter(({ severity, object }) => severity !== 'note' && object?.kind === 'Service')
      .map(({ object }) => `${object?.namespace}/${object?.name}`),
  );
  for (const service of loaded.snapshot.services.values()) {
    const name = namespacedName(service.metadata);
    const ip = addressOf(service, family);
    if (doubtful.has(name) || ip === undefined) continue;
    for (const port of service.spec.ports ?? []) {
      const id = (port.name ?? '') === '' ? name : `${name}:${port.name}`;
      const answer = { family, ip, protocol: port.protocol ?? 'TCP', port: port.port, id };
      expect(linesFor(output.text, answer), JSON.stringify(answer)).to.have.length(1);
      checked++;
    }
  }
  return checked;
}

for (const backend of TESTED_BACKENDS) {
  const { mode, check } = backend;
  const compile = compileFor(mode);
  describe(`properties of compile in mode ${mode}`, () => {
    it('a random cluster gives a good document, with rules for every Service', () => {
      let checked = 0;
      propertyUntil(
        () => checked > runs / 2,
        fc.property(cluster, options, (objects, given) => {
          const loaded = load(texts(objects)[0]!);
          for (const family of FAMILIES) {
            const output = compile(loaded, family, given);
            check(output.text, family);
            checked += checkServices(backend, loaded, output, family);
          }
        }),
      );
      expect(checked, 'Service ports looked at').to.be.greaterThan(runs / 2);
    });

    it('the order of the objects changes nothing, whether they come as JSON or YAML, in one file or many', () => {
      property(
        fc.property(
          cluster.chain((objects) =>
            fc.tuple(
              fc.constant(objects),
              fc.shuffledSubarray([...objects], { minLength: objects.length }),
            ),
          ),
          options,
          fc.nat(2),
          fc.boolean(),
          ([objects, shuffled], given, form, apart) => {
            const first = load(texts(objects)[0]!);
            const sources = apart
              ? shuffled.map((object) => texts([object])[form]!)
              : [texts(shuffled)[form]!];
            const second = load(...sources);
            for (const family of FAMILIES) {
              const a = compile(first, family, given);
              const b = compile(second, family, given);
              expect(b.text).to.equal(a.text);
              expect(b.diagnostics).to.deep.equal(a.diagnostics);
            }
          },
        ),
      );
    });

    it('hostile objects throw nothing out of load or compile, and put nothing into a line', () => {
      let left = 0;
      let used = 0;
      propertyUntil(
        () => left > runs / 4 && used > runs / 4,
        fc.property(
          fc.array(hostileObject, { maxLength: 8 }),
          options,
          fc.nat(2),
          (objects, given, form) => {
            const loaded = load(texts(objects)[form]!);
            left += loaded.diagnostics.filter(({ severity }) => severity === 'error').length;
            used += loaded.snapshot.services.size;
            for (const family of FAMILIES) {
              const output = compile(loaded, family, given);
              check(output.text, family);
              checkServices(backend, loaded, output, family);
            }
          },
        ),
        3,
      );
      expect(left, 'objects left out').to.be.greaterThan(runs / 4);
      expect(used, 'Services used all the same').to.be.greaterThan(runs / 4);
    });

    it('a hostile object never hurts a good one in the same list', () => {
      property(
        fc.property(
          cluster,
          fc.array(hostileObject, { minLength: 1, maxLength: 4 }),
          options,
          (good, bad, given) => {
            const alone = load(texts(good)[0]!);
            const together = load(texts([...good, ...bad])[0]!);
            // What was accepted of the hostile ones may rightly change rules: here only those count
            // that were not.
            fc.pre(together.snapshot.services.size === alone.snapshot.services.size);
            fc.pre(!together.diagnostics.some(({ code }) => code === 'duplicate-object'));
            fc.pre(count(together) === count(alone));
            for (const family of FAMILIES)
              expect(compile(together, family, given).text).to.equal(
                compile(alone, family, given).text,
              );
          },
        ),
      );
    });

    it('text with pieces cut out or put in throws nothing out of load or compile', () => {
      property(
        fc.property(cluster, fc.nat(2), textCuts, (objects, form, cuts) => {
          const loaded = load(cutText(texts(objects)[form]!, cuts));
          for (const family of FAMILIES) check(compile(loaded, family, {}).text, family);
        }),
      );
    });

    it('any text at all throws nothing out of load', () => {
      property(
        fc.property(anyText({ maxLength: 200 }), (text) => {
          compile(load(text), 'IPv4', {});
        }),
      );
    });

    const deep = 20_000;
    const abysses: readonly (readonly [what: string, text: string])[] = [
      [
        'lists in JSON',
        `{"apiVersion":"v1","kind":"Service","metadata":${'['.repeat(deep)}${']'.repeat(deep)}}`,
      ],
      [
        'objects in JSON',
        `{"apiVersion":"v1","kind":"Service","spec":${'{"a":'.repeat(deep)}1${'}'.repeat(deep)}}`,
      ],
      [
        'Lists in Lists',
        `${'{"apiVersion":"v1","kind":"List","items":['.repeat(deep)}${']}'.repeat(deep)}`,
      ],
      ['lists in YAML', `kind: Service\nmetadata: ${'['.repeat(deep)}${']'.repeat(deep)}\n`],
      ['dashes in YAML', `${'- '.repeat(deep)}x\n`],
      [
        'aliases of aliases',
        `a0: &a0 [x]\n${Array.from({ length: 40 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`).join('\n')}\nkind: Service\napiVersion: v1\nmetadata: {name: x, labels: *a40}\n`,
      ],
    ];
    for (const [what, text] of abysses) {
      it(`survives ${what}, ${deep} deep`, () => {
        const loaded = load(text);
        expect(loaded.snapshot.services.size).to.equal(0);
        check(compile(loaded, 'IPv4', {}).text, 'IPv4');
      });
    }
  });
}

/** How many objects a snapshot holds. */
function count({ snapshot }: LoadedSnapshot): number {
  const slices = [...snapshot.slices.values()].reduce((sum, list) => sum + list.length, 0);
  return snapshot.services.size + slices + snapshot.nodes.size + snapshot.serviceCidrs.length;
}
