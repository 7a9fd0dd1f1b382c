/** Reads settings of a machine from a file that is not trusted. */

import { shapeCheck } from '../input/shape-check.js';
import { HOST_CHANGES } from './plan-schema.js';
import type { HostChange } from './types.js';

const check = shapeCheck<readonly HostChange[]>(HOST_CHANGES);

/** The settings in a text; none where it is no list of settings that rules for Services need. */
export function parseHostChanges(text: string): readonly HostChange[] {
  try {
    const value: unknown = JSON.parse(text);
    return check.passes(value) ? value : [];
  } catch {
    return [];
  }
}
