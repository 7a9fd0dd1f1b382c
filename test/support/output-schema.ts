/** Holds documents of `-o json` to the schemas that the package carries. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';

const FOLDER = fileURLToPath(new URL('../../schema', import.meta.url));
const ajv = new Ajv({ strict: true, allErrors: true });
for (const file of readdirSync(FOLDER))
  ajv.addSchema(JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as object, file);

/** What is wrong with a document by the schema of its kind. */
export function outputProblems(text: string): readonly string[] {
  const document = JSON.parse(text) as { readonly kind: string };
  const validate = ajv.getSchema(`${document.kind.toLowerCase()}.json`);
  if (validate === undefined) return [`no schema of kind ${document.kind}`];
  validate(document);
  return (validate.errors ?? []).map(({ instancePath, message, params }) =>
    [instancePath, message, JSON.stringify(params)].join(' '),
  );
}
