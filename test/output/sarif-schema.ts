/**
 * The parts of the SARIF 2.1.0 schema that concern this program's logs, with the same constraints, and without other
 * properties: https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json
 */
const message = object({ text: { type: 'string' } }, ['text']);
const level = { enum: ['none', 'note', 'warning', 'error'] };

const rule = object(
  {
    id: { type: 'string' },
    shortDescription: message,
    defaultConfiguration: object({ level }),
    properties: {
      type: 'object',
      properties: { tags: { type: 'array', items: { type: 'string' }, uniqueItems: true } },
    },
  },
  ['id'],
);

const location = object({
  physicalLocation: {
    ...object({
      artifactLocation: object({ uri: { type: 'string', format: 'uri-reference' } }),
      region: object({
        startLine: { type: 'integer', minimum: 1 },
        startColumn: { type: 'integer', minimum: 1 },
      }),
    }),
    anyOf: [{ required: ['address'] }, { required: ['artifactLocation'] }],
  },
  logicalLocations: {
    type: 'array',
    uniqueItems: true,
    items: object({ fullyQualifiedName: { type: 'string' }, kind: { type: 'string' } }),
  },
});

const result = object(
  {
    ruleId: { type: 'string' },
    ruleIndex: { type: 'integer', minimum: -1 },
    level,
    message,
    locations: { type: 'array', items: location },
    partialFingerprints: { type: 'object', additionalProperties: { type: 'string' } },
    baselineState: { enum: ['new', 'unchanged', 'updated', 'absent'] },
  },
  ['message'],
);

const driver = object(
  {
    name: { type: 'string' },
    version: { type: 'string' },
    informationUri: { type: 'string', format: 'uri' },
    rules: { type: 'array', uniqueItems: true, items: rule },
  },
  ['name'],
);

const run = object(
  {
    tool: object({ driver }, ['driver']),
    columnKind: { enum: ['utf16CodeUnits', 'unicodeCodePoints'] },
    results: { type: 'array', items: result },
  },
  ['tool'],
);

export const sarifSchema = object(
  {
    $schema: { type: 'string', format: 'uri' },
    version: { enum: ['2.1.0'] },
    runs: { type: 'array', items: run },
  },
  ['version', 'runs'],
);

function object(properties: Readonly<Record<string, unknown>>, required: readonly string[] = []) {
  return { type: 'object', properties, required, additionalProperties: false };
}
