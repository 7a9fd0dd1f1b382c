/** From the text of a host facts file, as `vipc host` prints it, to {@link HostFacts}. */

import { diagnosticText } from '../diagnostic-text.js';
import { ConfigError } from '../errors.js';
import { invalid } from '../input/problem.js';
import { withoutNulls } from '../input/project.js';
import { shapeCheck } from '../input/shape-check.js';
import { isObject } from '../input/value.js';
import { parseIp } from '../net/ip.js';
import { onlyDocument } from './config-map.js';
import { interfaceNameProblem } from './field-rules.js';
import { checkHostFacts } from './precompiled.js';
import { type ConfigDocument, type ConfigProblem, refuse, shapeProblem } from './problems.js';
import { HOST_FACTS, type RawHostFacts } from './schema.js';
import type { HostFacts } from './types.js';

const check = shapeCheck<RawHostFacts>(HOST_FACTS, checkHostFacts);

/**
 * The facts of a host from YAML or JSON. The schema is closed: a misspelt field would silently
 * change rules, and so would a key given twice. `nfacct` left out means that the kernel has none,
 * which gives rules that load anywhere. Throws ConfigError with the place of every finding.
 */
export function loadHostFacts(text: string, name: string): HostFacts {
  const document = onlyDocument(text, name);
  const [doubled] = document.diagnostics;
  if (doubled !== undefined) {
    throw new ConfigError(diagnosticText(doubled), { hint: doubled.hint ?? '' });
  }
  return hostFactsOf(document, name);
}

/** The facts of a host that are a part of another file, by the same checks. */
export function hostFactsOf(document: ConfigDocument, name: string): HostFacts {
  if (!isObject(document.value)) {
    throw new ConfigError(`${name}: no host facts in it`, {
      hint: 'write them with "vipc host" on the machine that is meant',
    });
  }
  const facts = withoutNulls(document.value);
  if (!check.passes(facts)) return refuse(document, check.problems(facts).map(shapeProblem));
  const problems = factProblems(facts);
  if (problems.length > 0) refuse(document, problems);
  const { apiVersion: _apiVersion, kind: _kind, ...known } = facts;
  return {
    ...known,
    nodeName: facts.nodeName.trim().toLowerCase(),
    nfacct: facts.nfacct ?? false,
  };
}

/** Whether the text is an address with a prefix length: `192.168.0.10/24`. */
export function isAddressWithPrefix(text: string): boolean {
  const [address = '', bits = '', ...more] = text.split('/');
  if (parseIp(address) === undefined || more.length > 0 || !/^\d{1,3}$/.test(bits)) return false;
  return Number(bits) <= (address.includes(':') ? 128 : 32);
}

function factProblems(facts: RawHostFacts): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  if (facts.nodeName.trim() === '')
    problems.push(invalidFact(['nodeName'], facts.nodeName, 'must not be empty'));
  for (const [i, { name, addresses }] of facts.interfaces.entries()) {
    const problem = interfaceNameProblem(name);
    if (problem !== '') problems.push(invalidFact(['interfaces', i, 'name'], name, problem));
    for (const [j, address] of addresses.entries()) {
      if (isAddressWithPrefix(address)) continue;
      const message = 'must be an address with its prefix length, such as 192.168.0.10/24';
      problems.push(invalidFact(['interfaces', i, 'addresses', j], address, message));
    }
  }
  return problems;
}

function invalidFact(path: ConfigProblem['path'], value: string, message: string): ConfigProblem {
  return { ...invalid(path, message, value), code: 'host-invalid-value', severity: 'error' };
}
