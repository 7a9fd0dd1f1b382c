/** The flags of a command, as words of another that a message proposes. */

import { shellWord } from '../shell-word.js';
import { type InputFlags, OBJECT_FLAGS } from './input-flags.js';

/** Some of these flags. */
type GivenFlags = { readonly [Name in keyof InputFlags]?: InputFlags[Name] | undefined };

/**
 * ` -f objects.yaml --service-cidr 10.96.0.0/16`: the flags with which another command reads the
 * same objects for the same node. Neither the choice of Services nor a timeout is among them.
 */
export function inputFlagsText(flags: GivenFlags): string {
  const { filename = [], serviceCidr = [], clusterCidr, host } = flags;
  const values: Readonly<Partial<Record<keyof InputFlags, unknown>>> = {
    ...flags,
    namespace: undefined,
    serviceCidr: serviceCidr.length === 0 ? undefined : serviceCidr.join(),
    clusterCidr: clusterCidr?.join(),
  };
  return [
    ...wordsOf('-f', filename),
    ...wordsOf('--host', host),
    ...OBJECT_FLAGS.flatMap(([name, flag]) => wordsOf(flag, values[name])),
  ]
    .map((word) => ` ${shellWord(word)}`)
    .join('');
}

/** The words of one flag; an array is a flag that is repeated. */
function wordsOf(flag: string, value: unknown): readonly string[] {
  if (value === true) return [flag];
  if (Array.isArray(value)) return value.flatMap((one) => wordsOf(flag, one));
  return typeof value === 'string' ? [flag, value] : [];
}
