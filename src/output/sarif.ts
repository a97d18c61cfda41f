import { formatJson } from './json.ts';

/** One result of a SARIF log. */
export interface SarifResult {
  readonly rule: string;
  readonly severity: 'info' | 'minor' | 'major' | 'critical' | 'blocker';
  /** Why the rule exists; empty if it is unknown. */
  readonly reason: string;
  readonly message: string;
  /** Relative to the root of the repository, or made up for what has no file. */
  readonly path: string;
  readonly place: { readonly line: number; readonly column: number } | undefined;
  /** What it is about: `111111111111/deploy`. */
  readonly resource: string;
  /** The same in every run. */
  readonly fingerprint: string;
  /** Compared with a baseline; undefined without one. */
  readonly state: 'new' | 'unchanged' | 'absent' | undefined;
}

const levels = {
  info: 'note',
  minor: 'note',
  major: 'warning',
  critical: 'error',
  blocker: 'error',
} as const;

/** GitHub shows these scores: https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning */
const scores = { info: '1.0', minor: '3.0', major: '6.0', critical: '8.0', blocker: '9.5' } as const;

const schema = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/**
 * A SARIF 2.1.0 log: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 *
 * @param version the version of this program
 */
export function formatSarif(results: readonly SarifResult[], version: string): string {
  const rules = new Map<string, SarifResult>();
  for (const one of results) if (!rules.has(one.rule)) rules.set(one.rule, one);
  const index = new Map([...rules.keys()].map((rule, at) => [rule, at]));
  const driver = {
    name: 'aws-oidc',
    version,
    informationUri: 'https://gitlab.com/aws-oidc/aws-oidc',
    rules: [...rules.values()].map(ruleOf),
  };
  const run = {
    tool: { driver },
    columnKind: 'utf16CodeUnits',
    results: results.map((one) => resultOf(one, index.get(one.rule) ?? 0)),
  };
  return formatJson({ $schema: schema, version: '2.1.0', runs: [run] });
}

function ruleOf({ rule, severity, reason }: SarifResult) {
  return {
    id: rule,
    ...(reason !== '' && { shortDescription: { text: reason } }),
    defaultConfiguration: { level: levels[severity] },
    properties: { tags: ['security'], 'security-severity': scores[severity] },
  };
}

function resultOf(result: SarifResult, ruleIndex: number) {
  const { rule, severity, message, path, place, resource, fingerprint, state } = result;
  const uri = path.split('/').map(encodeURIComponent).join('/');
  const region = { startLine: place?.line ?? 1, ...(place && { startColumn: place.column }) };
  return {
    ruleId: rule,
    ruleIndex,
    level: levels[severity],
    message: { text: message },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri }, region },
        logicalLocations: [{ fullyQualifiedName: resource, kind: 'resource' }],
      },
    ],
    partialFingerprints: { 'awsOidc/v1': fingerprint },
    ...(state !== undefined && { baselineState: state }),
  };
}
