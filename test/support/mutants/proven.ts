/** Conformance cases as questions to verify. */

import { behaviourOf } from '../../../src/backends/behaviour.js';
import { BACKENDS } from '../../../src/backends/index.js';
import { rulesOfText } from '../../../src/backends/named-rules.js';
import { ParseError } from '../../../src/errors.js';
import { settingOf } from '../../../src/explain/expected.js';
import { machineOf } from '../../../src/explain/machine.js';
import { verify } from '../../../src/explain/verify.js';
import { type BackendName, type Family, loadHostFacts } from '../../../src/index.js';
import { difference } from '../../../src/netfilter/intervals.js';
import type { Program } from '../../../src/netfilter/program.js';
import { allAddresses } from '../../../src/netfilter/region.js';
import { Router } from '../../../src/netfilter/route.js';
import { type ConformanceCase, loadCase, readCaseFile } from '../cases/conformance-cases.js';
import { dumpOf, recordedRules } from '../cases/recorded-rules.js';
import type { Place } from '../reference/difference.js';

/** `refused`: the dump is not read, for example because a condition is missing in all rules. */
export type Answer = 'proven' | 'refuted' | 'unknown' | 'refused';

/** One recorded dump, and how others like it are judged. */
export interface Subject {
  readonly name: string;
  readonly text: string;
  readonly place: Place;
  /** What verify says about a dump that should do the same. */
  readonly ask: (text: string) => Answer;
}

/** What a version of kube-proxy made of a case. */
interface VersionedRules {
  readonly profile: string;
  /** In canonical form. */
  readonly rules: string;
}

/** The dump of a case in a mode and family, of kube-proxy 1.36 or of another version. */
export function subjectOf(
  found: ConformanceCase,
  mode: BackendName,
  family: Family,
  versioned?: VersionedRules,
): Subject {
  const { compile, config } = loadCase(found, mode, versioned && { profile: versioned.profile });
  const host = loadHostFacts(readCaseFile(found, 'host.yaml'), 'host.yaml');
  const { model } = compile(family);
  const known = machineOf(family, host, undefined);
  const machine = { ...known, remote: difference(allAddresses(family), known.local) };
  const { isForServices } = BACKENDS[mode];
  const behaviour = behaviourOf(BACKENDS[mode], config.profile);
  const own = host.interfaces
    .flatMap(({ addresses }) => addresses.map((text) => text.replace(/\/.*$/, '')))
    .filter((text) => text.includes(':') === (family === 'IPv6'));
  return {
    name: `${found.name} ${mode} ${family} ${versioned?.profile ?? ''}`,
    text: versioned ? dumpOf(versioned.rules, mode, family) : recordedRules(found, mode, family),
    place: { mode, family, own, masqueradeBit: model.context.masqueradeMark },
    ask: (text) => {
      const program = programOf(text, family);
      if (program === undefined) return 'refused';
      const setting = settingOf(model, machine, behaviour);
      const { findings } = verify(new Router(program, machine), model, setting, {
        owns: (chain, rule) => isForServices(chain.table, chain.name, rule?.comment ?? ''),
      });
      const kinds = new Set(findings.map(({ kind }) => kind));
      return kinds.has('refuted') ? 'refuted' : kinds.has('unknown') ? 'unknown' : 'proven';
    },
  };
}

function programOf(text: string, family: Family): Program | undefined {
  try {
    return rulesOfText(text, 'dump', family).program;
  } catch (error) {
    if (error instanceof ParseError) return undefined;
    throw error;
  }
}
