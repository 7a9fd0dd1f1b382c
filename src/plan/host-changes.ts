/** Settings of a machine as text that waits in a file, and back: the file is not trusted. */

import { Ajv } from 'ajv';
import { HOST_CHANGE } from './plan-schema.js';
import type { HostChange } from './types.js';

const validate = new Ajv({ strict: true }).compile<readonly HostChange[]>({
  type: 'array',
  items: HOST_CHANGE,
});

/** The settings in a text; none where it is no list of settings that rules for Services need. */
export function parseHostChanges(text: string): readonly HostChange[] {
  try {
    const value: unknown = JSON.parse(text);
    return validate(value) ? value : [];
  } catch {
    return [];
  }
}
