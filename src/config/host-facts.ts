/** From the text of a host facts file, as `vipc host` prints it, to {@link HostFacts}. */

import { diagnosticText } from '../diagnostic-text.js';
import { ConfigError } from '../errors.js';
import { parseIp } from '../net/ip.js';
import { onlyDocument } from './config-map.js';
import { interfaceNameFault } from './field-rules.js';
import { refuse } from './report.js';
import { HOST_FACTS_SCHEMA, type RawHostFacts } from './schema.js';
import { compileShape, type Finding, isRecord, shapeFindings, withoutNulls } from './shape.js';
import type { HostFacts } from './types.js';

const validate = compileShape<RawHostFacts>(HOST_FACTS_SCHEMA);

/**
 * The facts of a host from YAML or JSON. The schema is closed: a misspelt field would silently
 * change rules, and so would a key given twice. `nfacct` left out means that the kernel has none, which gives rules that load
 * anywhere. Throws ConfigError with the place of every finding.
 */
export function loadHostFacts(text: string, name: string): HostFacts {
  const document = onlyDocument(text, name);
  const [doubled] = document.diagnostics;
  if (doubled !== undefined) {
    const message = diagnosticText({ ...doubled, message: 'a key is set twice in one map' });
    throw new ConfigError(message, { hint: doubled.hint ?? '' });
  }
  if (!isRecord(document.value)) {
    throw new ConfigError(`${name}: no host facts in it`, {
      hint: 'write them with "vipc host" on the machine that is meant',
    });
  }
  const facts = withoutNulls(document.value);
  if (!validate(facts)) return refuse(document, shapeFindings(validate));
  const findings = factFindings(facts);
  if (findings.length > 0) refuse(document, findings);
  return {
    ...facts,
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

function factFindings(facts: RawHostFacts): readonly Finding[] {
  const findings: Finding[] = [];
  if (facts.nodeName.trim() === '')
    findings.push(invalid(['nodeName'], facts.nodeName, 'must not be empty'));
  for (const [i, { name, addresses }] of facts.interfaces.entries()) {
    const fault = interfaceNameFault(name);
    if (fault !== '') findings.push(invalid(['interfaces', i, 'name'], name, fault));
    for (const [j, address] of addresses.entries()) {
      if (isAddressWithPrefix(address)) continue;
      const message = 'must be an address with its prefix length, such as 192.168.0.10/24';
      findings.push(invalid(['interfaces', i, 'addresses', j], address, message));
    }
  }
  return findings;
}

function invalid(path: Finding['path'], value: string, message: string): Finding {
  return { code: 'host-invalid-value', severity: 'error', path, message, value };
}
