/** Gives findings about a configuration or host facts the line of their field. */

import { type ConfigDocument, configDocument, onlyDocument } from '../config/config-map.js';
import { fieldSteps } from '../input/path.js';
import type { Finding } from '../lint/rule.js';
import { readText } from './sources.js';

/** The files that findings are about, besides those of objects. */
export interface NamedFiles {
  readonly config?: string;
  readonly host?: string;
}

/**
 * The findings, in their order. Those that name a field of one of the files and its beginning get
 * the place of the field, or of what is nearest to it. The files are read again, where need be.
 */
export async function placedInFiles(
  findings: readonly Finding[],
  { config, host }: NamedFiles,
): Promise<readonly Finding[]> {
  const documents = new Map<string, ConfigDocument>();
  const isNeeded = (path: string): boolean => findings.some((found) => pointsAt(found, path));
  if (config !== undefined && isNeeded(config))
    documents.set(config, configDocument(await readText(config), config));
  if (host !== undefined && isNeeded(host))
    documents.set(host, onlyDocument(await readText(host), host));
  return findings.map((found) => {
    const document = documents.get(found.position?.file ?? '');
    if (document === undefined || !pointsAt(found, found.position?.file)) return found;
    const position = document.position(fieldSteps(found.field ?? ''), 'value');
    return position === undefined ? found : { ...found, position };
  });
}

/** Whether all that is known of the place is the file. */
function pointsAt({ field, position }: Finding, path: string | undefined): boolean {
  return (
    field !== undefined &&
    position !== undefined &&
    position.file === path &&
    position.line === 1 &&
    position.column === 1
  );
}
