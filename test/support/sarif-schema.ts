/**
 * The part of the published schema of SARIF 2.1.0 (OASIS, sarif-schema-2.1.0.json) that lint's logs
 * use: the same names, types, limits and required properties, and no others than these.
 */

import { Ajv, type Schema } from 'ajv';

type Properties = Readonly<Record<string, object>>;

function object(properties: Properties, ...required: readonly string[]): object {
  return { type: 'object', properties, required, additionalProperties: false };
}

const TEXT = { type: 'string' };
const INDEX = { type: 'integer', minimum: -1 };
const LEVEL = { enum: ['none', 'note', 'warning', 'error'] };
const list = (items: object, more: object = {}): object => ({ type: 'array', items, ...more });
const ONE_OR_MORE = { minItems: 1 };
const MESSAGE = object({ text: TEXT, markdown: TEXT }, 'text');

const REPORTING_DESCRIPTOR = object(
  {
    id: TEXT,
    name: TEXT,
    shortDescription: MESSAGE,
    fullDescription: MESSAGE,
    help: MESSAGE,
    helpUri: { type: 'string', format: 'uri' },
    defaultConfiguration: object({ level: LEVEL }),
  },
  'id',
);

const LOCATION = object({
  physicalLocation: object({
    artifactLocation: object({ uri: { type: 'string', format: 'uri-reference' } }),
    region: object({
      startLine: { type: 'integer', minimum: 1 },
      startColumn: { type: 'integer', minimum: 1 },
    }),
  }),
  logicalLocations: list(object({ name: TEXT, fullyQualifiedName: TEXT, kind: TEXT }), {
    uniqueItems: true,
  }),
});

const SUPPRESSION = object(
  {
    kind: { enum: ['inSource', 'external'] },
    status: { enum: ['accepted', 'underReview', 'rejected'] },
    justification: TEXT,
  },
  'kind',
);

const RESULT = object(
  {
    ruleId: TEXT,
    ruleIndex: INDEX,
    level: LEVEL,
    message: MESSAGE,
    locations: list(LOCATION),
    partialFingerprints: { type: 'object', additionalProperties: TEXT },
    suppressions: list(SUPPRESSION, { uniqueItems: true }),
  },
  'message',
);

const NOTIFICATION = object(
  { level: LEVEL, message: MESSAGE, descriptor: object({ id: TEXT }) },
  'message',
);

const RUN = object(
  {
    tool: object(
      { driver: object({ name: TEXT, version: TEXT, rules: list(REPORTING_DESCRIPTOR) }, 'name') },
      'driver',
    ),
    invocations: list(
      object(
        {
          executionSuccessful: { type: 'boolean' },
          toolExecutionNotifications: list(NOTIFICATION),
        },
        'executionSuccessful',
      ),
    ),
    columnKind: { enum: ['utf16CodeUnits', 'unicodeCodePoints'] },
    results: list(RESULT),
  },
  'tool',
);

const LOG = object(
  {
    $schema: { type: 'string', format: 'uri' },
    version: { enum: ['2.1.0'] },
    runs: list(RUN, ONE_OR_MORE),
  },
  'version',
  'runs',
);

/** RFC 3986: a scheme, and no character that must be encoded. */
const URI = /^[a-z][a-z0-9+.-]*:[-\w.~!$&'()*+,;=:@/?#[\]%]*$/i;
const URI_REFERENCE = /^(?:[-\w.~!$&'()*+,;=:@/?#[\]]|%[0-9a-f]{2})*$/i;

const ajv = new Ajv({ strict: true, allErrors: true });
ajv.addFormat('uri', URI);
ajv.addFormat('uri-reference', URI_REFERENCE);
const validate = ajv.compile(LOG as Schema);

/** What is wrong with a log. */
export function sarifProblems(text: string): readonly string[] {
  validate(JSON.parse(text));
  return (validate.errors ?? []).map(({ instancePath, message, params }) =>
    [instancePath, message, JSON.stringify(params)].join(' '),
  );
}
