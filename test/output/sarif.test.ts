import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { formatSarif, type SarifResult } from '../../src/output/sarif.ts';
import { sarifSchema } from './sarif-schema.ts';

const result: SarifResult = {
  rule: 'subject-missing',
  severity: 'blocker',
  reason: 'Anyone can assume the role.',
  message: 'Role deploy: "sub" is not restricted.',
  path: 'folder/my roles.json',
  place: { line: 5, column: 9 },
  resource: '111111111111/deploy',
  fingerprint: 'abc',
  state: undefined,
};

const ajv = new Ajv({ strict: false });
(addFormats as unknown as (ajv: Ajv) => void)(ajv);
const validate = ajv.compile(sarifSchema);

function logOf(...results: readonly SarifResult[]) {
  const log = JSON.parse(formatSarif(results, '1.0.0'));
  validate(log);
  expect(validate.errors).toBeNull();
  return log.runs[0];
}

describe('formatSarif', () => {
  it('writes a valid log', () => {
    const run = logOf(result);
    expect(run.tool.driver).toMatchObject({ name: 'aws-oidc', version: '1.0.0' });
    expect(run.results).toEqual([
      {
        ruleId: 'subject-missing',
        ruleIndex: 0,
        level: 'error',
        message: { text: 'Role deploy: "sub" is not restricted.' },
        locations: [
          {
            physicalLocation: {
              artifactLocation: { uri: 'folder/my%20roles.json' },
              region: { startLine: 5, startColumn: 9 },
            },
            logicalLocations: [{ fullyQualifiedName: '111111111111/deploy', kind: 'resource' }],
          },
        ],
        partialFingerprints: { 'awsOidc/v1': 'abc' },
      },
    ]);
  });

  it('lists each rule once, with its severity', () => {
    const other = { ...result, rule: 'audience-unpinned', severity: 'major' as const };
    const { tool, results } = logOf(result, other, result, { ...other, place: undefined });
    expect(tool.driver.rules.map(({ id }: { id: string }) => id)).toEqual([
      'subject-missing',
      'audience-unpinned',
    ]);
    expect(tool.driver.rules[1]).toEqual({
      id: 'audience-unpinned',
      shortDescription: { text: 'Anyone can assume the role.' },
      defaultConfiguration: { level: 'warning' },
      properties: { tags: ['security'], 'security-severity': '6.0' },
    });
    expect(results.map(({ ruleIndex }: { ruleIndex: number }) => ruleIndex)).toEqual([0, 1, 0, 1]);
    expect(results[3].locations[0].physicalLocation.region).toEqual({ startLine: 1 });
  });

  it('says what is new and what is gone, compared with a baseline', () => {
    const states = (['new', 'unchanged', 'absent'] as const).map((state) => ({ ...result, state }));
    const { results } = logOf(...states, { ...result, rule: 'x', reason: '', severity: 'info' });
    expect(results.map(({ baselineState }: { baselineState?: string }) => baselineState)).toEqual([
      'new',
      'unchanged',
      'absent',
      undefined,
    ]);
    expect(results[3].level).toBe('note');
  });

  it('is a valid log without results', () => {
    expect(logOf().results).toEqual([]);
  });
});
