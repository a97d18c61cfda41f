import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { auditCommand } from '../../src/commands/audit/audit.ts';
import { migrateCommand } from '../../src/commands/migrate/migrate.ts';
import { AwsOidcError, RuleError } from '../../src/errors.ts';
import { decodeIdToken, parseIdToken } from '../../src/exchange/id-token.ts';
import { inputNames } from '../../src/exchange/inputs.ts';
import { readOptions } from '../../src/exchange/options.ts';
import { StsError, toStsError } from '../../src/exchange/sts-error.ts';
import { explainRefusal } from '../../src/explain/refusal.ts';
import { jobFacts } from '../../src/explain/situation.ts';
import { formatDotenv } from '../../src/hand-off/dotenv.ts';
import { mistypedClaim, safeClaims } from '../../src/identity/claims.ts';
import { reportFailure } from '../../src/output/failure.ts';
import { JobLog } from '../../src/output/job-log.ts';
import type { CommandLineIo } from '../../src/system/io.ts';
import { TextError } from '../../src/text/text-error.ts';
import { trustRequest } from '../../src/trust-policy/context.ts';
import { evaluate } from '../../src/trust-policy/evaluate.ts';
import { findPolicies } from '../../src/trust-policy/find-policies.ts';
import { lint } from '../../src/trust-policy/lint.ts';
import { pipelineCases } from '../support/pipeline-cases.ts';
import { root } from '../support/run-program.ts';
import { unsignedToken } from '../support/token.ts';
import { jsonText, mutated, text } from './hostile.ts';

/** A part of the program that reads untrusted input, and the property that holds for every input. */
export interface Target {
  readonly name: string;
  /** The property in words, for docs/reliability.md. */
  readonly rule: string;
  /** Cases per thousand; slow targets get fewer. */
  readonly share: number;
  readonly property: () => fc.IAsyncPropertyWithHooks<unknown> | fc.IPropertyWithHooks<unknown>;
}

const now = new Date('2026-01-01T00:00:00Z');

class Broken extends Error {}

function must(holds: boolean, rule: string): asserts holds {
  if (!holds) throw new Broken(rule);
}

/** @returns the result of `run`, or its error if it is of an allowed kind; throws any other error */
function answer<T>(run: () => T, ...allowed: readonly (new (...args: never[]) => Error)[]): T | Error {
  try {
    return run();
  } catch (error) {
    if (error instanceof Error && allowed.some((kind) => error instanceof kind)) return error;
    throw error;
  }
}

function mustBeUnpolluted(): void {
  const fresh: Record<string, unknown> = {};
  must(fresh.polluted === undefined && Object.keys(Object.prototype).length === 0, 'no prototype is changed');
}

/** A log, and a check that it contains complete lines without anything that a terminal or a runner interprets. */
function checkedLog(secrets: readonly string[] = []) {
  let written = '';
  const log = new JobLog(
    { log: (more) => (written += more), colour: false, sections: false, now: () => now },
    secrets,
  );
  const check = (lines?: number) => {
    must(!/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(written.replaceAll('\n', '')), 'the log is printable');
    must(lines === undefined || written.split('\n').length === lines + 1, 'a row is a line');
    for (const line of written.split('\n')) must(line.length < 20_000, 'lines have a limited length');
  };
  return { log, check };
}

const claimNames = [
  'iss',
  'aud',
  'sub',
  'exp',
  'nbf',
  'iat',
  'ref',
  'ref_type',
  'project_path',
  'environment',
];
const typed = fc.oneof(
  fc.tuple(
    fc.constantFrom('iss', 'sub', 'ref', 'project_path', 'environment'),
    text.map((value) => JSON.stringify(value)),
  ),
  fc.tuple(
    fc.constantFrom('exp', 'nbf', 'iat'),
    fc
      .double()
      .map((value) => JSON.stringify(value ?? 0))
      .filter((value) => value !== 'null'),
  ),
  fc.tuple(
    fc.constant('aud'),
    fc.array(text).map((value) => JSON.stringify(value)),
  ),
  fc.tuple(text, jsonText()),
);
const untyped = fc.tuple(fc.oneof(fc.constantFrom(...claimNames, '__proto__'), text), jsonText());
const claimsText = fc
  .oneof(fc.array(typed, { maxLength: 8 }), fc.array(untyped, { maxLength: 8 }))
  .map((pairs) => `{${pairs.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`);

const part = (value: string) => Buffer.from(value).toString('base64url');
const token = fc.oneof(
  text,
  fc.tuple(jsonText(), claimsText, text).map((parts) => parts.map(part).join('.')),
  claimsText.map((claims) => `${part('{"alg":"RS256"}')}.${part(claims)}.${part('signature')}`),
);

const tokenTarget: Target = {
  name: 'the token decoder, and its claims in the log',
  rule: 'claims, one log line each, or a `RuleError` without the token',
  share: 320,
  property: () =>
    fc.property(token, (given) => {
      const checked = answer(() => parseIdToken(given, undefined, now), RuleError);
      if (checked instanceof Error && given.length > 30)
        must(!checked.message.includes(given), 'errors repeat no token');
      const decoded = answer(() => decodeIdToken(given), RuleError);
      if (decoded instanceof Error) return;
      const rows = safeClaims(decoded.claims);
      const { log, check } = checkedLog([given]);
      log.table(rows);
      check(rows.length);
      mustBeUnpolluted();
    }),
};

const dotenvTarget: Target = {
  name: 'the dotenv writer',
  rule: 'a report that GitLab reads back unchanged, or `HAND_OFF_FAILED`',
  share: 320,
  property: () =>
    fc.property(
      fc.array(fc.tuple(fc.oneof(text, fc.constant('AWS_X')), text), { maxLength: 22 }),
      (variables) => {
        const written = answer(() => formatDotenv(variables), AwsOidcError);
        if (written instanceof Error) return;
        must(
          Buffer.byteLength(written) <= 5120 && variables.length <= 20,
          'the report is within the limits of GitLab',
        );
        // as GitLab reads it: one variable per line, split at the first "="
        const lines = written === '' ? [] : written.slice(0, -1).split(/[\n\r]/);
        const read = lines.map((line) => [
          line.slice(0, line.indexOf('=')),
          line.slice(line.indexOf('=') + 1),
        ]);
        must(JSON.stringify(read) === JSON.stringify(variables), 'what is read is what was written');
        must(!written.includes('$'), 'nothing is expanded');
      },
    ),
};

const goodInputs: Record<string, string> = { role_arn: 'arn:aws:iam::111111111111:role/deploy' };
const inputs = fc
  .array(
    fc.tuple(
      fc.constantFrom(...inputNames),
      fc.oneof(text, jsonText(), mutated(['["111111111111"]', '3600'])),
    ),
  )
  .map((pairs) => ({ ...goodInputs, ...Object.fromEntries(pairs) }));
const variable = fc.constantFrom(
  'AWS_REGION',
  'AWS_ENDPOINT_URL_STS',
  'AWS_USE_FIPS_ENDPOINT',
  'CI_PROJECT_ID',
);
const validToken = unsignedToken({ exp: 4_000_000_000 });

const optionsTarget: Target = {
  name: 'the options',
  rule: 'valid STS options, or `INVALID_INPUT` with every problem',
  share: 200,
  property: () =>
    fc.property(inputs, fc.dictionary(variable, text), (given, env) => {
      const found = { name: 'GITLAB_OIDC_TOKEN', text: validToken, missing: '' };
      const options = answer(() => readOptions(given, env, found, now), AwsOidcError);
      const { log, check } = checkedLog([validToken]);
      if (options instanceof Error) reportFailure(log, options);
      else {
        must(/^[\w+=,.@-]{2,64}$/.test(options.sessionName), 'STS accepts the session name');
        must(/^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/.test(options.region), 'the region is a label of a host name');
        must(/^[A-Za-z0-9_]*$/.test(options.envPrefix), 'the prefix is valid in a variable name');
        must(options.durationSeconds >= 900 && options.durationSeconds <= 43_200, 'STS accepts the duration');
      }
      check();
      mustBeUnpolluted();
    }),
};

const refusal = fc.record({
  name: text,
  message: text,
  code: fc.option(text, { nil: undefined }),
  Code: fc.option(text, { nil: undefined }),
  $metadata: fc.record({ httpStatusCode: fc.integer({ min: 100, max: 599 }) }),
  $response: fc.record({
    statusCode: fc.constantFrom(200, 301, 400, 403, 429, 500),
    headers: fc.dictionary(fc.constantFrom('retry-after', 'date'), text),
  }),
});
const codes = [
  'AccessDenied',
  'InvalidIdentityToken',
  'ExpiredTokenException',
  'IDPCommunicationError',
  'ValidationError',
];

const refusalTarget: Target = {
  name: 'explanations of STS errors',
  rule: 'an explanation, never a bug report',
  share: 100,
  property: () =>
    fc.property(refusal, fc.constantFrom(undefined, ...codes), claimsText, (raw, code, claims) => {
      // a token with mistyped claims is rejected earlier
      if (mistypedClaim(JSON.parse(claims)) !== undefined) return;
      const error = toStsError({ ...raw, ...(code !== undefined && { Code: code }) }, false);
      must(error instanceof StsError, 'an STS error is not reported as a bug');
      const role = {
        arn: goodInputs.role_arn ?? '',
        partition: 'aws',
        account: '111111111111',
        name: 'deploy',
      };
      const situation = { role, claims: JSON.parse(claims), durationSeconds: 3600, now, job: jobFacts({}) };
      const causes = explainRefusal(error, situation as never);
      const { log, check } = checkedLog();
      reportFailure(log, new AwsOidcError('REFUSED', `${error.code}: ${error.message}`, { causes }));
      check();
      mustBeUnpolluted();
    }),
};

const policies = ['policies/template.yml'].map((file) =>
  readFileSync(join(root, 'test/fixtures', file), 'utf8'),
);
const bare = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Federated: 'arn:aws:iam::111111111111:oidc-provider/gitlab.com' },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: {
        StringLike: { 'gitlab.com:sub': ['project_path:acme/*:ref_type:branch:ref:main', '*?*?*'] },
        'ForAnyValue:StringEqualsIfExists': { 'gitlab.com:aud': 'https://gitlab.com' },
        NumericLessThan: { 'aws:EpochTime': '99' },
        Null: { 'gitlab.com:ref': 'false' },
      },
    },
  ],
});
const policyWords = [
  'Statement',
  'Effect',
  'Allow',
  'Principal',
  'Federated',
  'Action',
  'Condition',
  'StringLike',
  '__proto__',
  'Resources',
  'Role',
  'AssumeRolePolicyDocument',
];
const policyText = fc.oneof(
  text,
  jsonText(
    fc.oneof(fc.constantFrom(...policyWords), text),
    fc.oneof(fc.constantFrom(...policyWords), text).map((word) => JSON.stringify(word)),
  ),
  mutated([
    bare,
    JSON.stringify({ Role: { AssumeRolePolicyDocument: encodeURIComponent(bare) } }),
    ...policies,
  ]),
);

const policyTarget: Target = {
  name: 'the policy parser, linter and evaluation',
  rule: 'findings, or a `TextError` with a location',
  share: 40,
  property: () =>
    fc.property(policyText, claimsText, (given, claims) => {
      const found = answer(() => findPolicies(given), TextError);
      if (found instanceof Error) return;
      for (const one of found) {
        for (const { detail } of lint(one)) must(typeof detail === 'string', 'findings are texts');
        if (mistypedClaim(JSON.parse(claims)) !== undefined) continue;
        evaluate(one.policy, trustRequest(JSON.parse(claims), undefined, now));
      }
      mustBeUnpolluted();
    }),
};

const pipelines = pipelineCases.map(([, { before }]) => before);

/** Files in memory, because the command runs thousands of times. */
function memoryIo(files: Map<string, string>, log: (text: string) => void): CommandLineIo {
  const nothing = async () => {};
  return {
    env: {},
    out: async (more) => log(more),
    log,
    colour: false,
    outColour: false,
    sections: false,
    now: () => now,
    readText: async (path) => {
      const text = files.get(path);
      if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
      return text;
    },
    readStream: async function* (path) {
      yield Buffer.from(files.get(path) ?? '');
    },
    listFiles: async () => [...files.keys()],
    replaceFiles: async (changed) => {
      for (const [path, text] of changed) files.set(path, text);
    },
    createFile: nothing,
    ask: async () => undefined,
    isLinkOutOf: async () => false,
    repositoryAbove: async () => undefined,
    remotesOf: async () => undefined,
    uncommittedFiles: async () => new Set(),
    runChild: async () => 0,
    clearPrivateFile: nothing,
    writePrivateFile: nothing,
    appendPrivateFile: nothing,
    editPrivateFile: nothing,
  };
}

const migratorTarget: Target = {
  name: 'the migrator',
  rule: 'unchanged if not understood; a second run changes nothing',
  share: 10,
  property: () =>
    fc.asyncProperty(
      fc.oneof({ weight: 9, arbitrary: mutated(pipelines) }, { weight: 1, arbitrary: text }),
      fc.constantFrom('id-tokens' as const, 'component' as const),
      async (before, to) => {
        const run = async (files: Map<string, string>) => {
          let log = '';
          const io = memoryIo(files, (more) => {
            log += more;
          });
          const flags = {
            to,
            component: 'gitlab.example.com/acme/aws-oidc',
            version: '1',
            audience: undefined,
            write: true,
            check: false,
            format: 'text',
          } as const;
          const code = await migrateCommand(io, '.gitlab-ci.yml', flags);
          must(!log.includes('This is a bug'), `no bug: ${log}`);
          must(!/[\p{Cc}\p{Cs}]/u.test(log.replaceAll('\n', '')), 'the report is printable');
          return code;
        };
        const files = new Map([['.gitlab-ci.yml', before]]);
        const code = await run(files);
        const after = files.get('.gitlab-ci.yml');
        if (code !== 0) must(after === before, 'what is not understood stays as it is');
        const again = new Map(files);
        await run(again);
        must(again.get('.gitlab-ci.yml') === after, 'a second run changes nothing');
        mustBeUnpolluted();
      },
    ),
};

const roleText = JSON.stringify({
  RoleDetailList: [
    {
      Arn: 'arn:aws:iam::111111111111:role/deploy',
      RoleName: 'deploy',
      AssumeRolePolicyDocument: JSON.parse(bare),
      RolePolicyList: [
        { PolicyName: 'x', PolicyDocument: { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } } },
      ],
      AttachedManagedPolicies: [{ PolicyName: 'p', PolicyArn: 'arn:aws:iam::111111111111:policy/p' }],
      RoleLastUsed: { LastUsedDate: '2025-01-01T00:00:00Z' },
    },
  ],
  Policies: [
    {
      Arn: 'arn:aws:iam::111111111111:policy/p',
      DefaultVersionId: 'v1',
      PolicyVersionList: [{ VersionId: 'v1', Document: '%7B%22Statement%22%3A%5B%5D%7D' }],
    },
  ],
});
const providerText = JSON.stringify([
  { Url: 'gitlab.com', ClientIDList: ['https://gitlab.com'], ThumbprintList: ['f'] },
]);

const auditTarget: Target = {
  name: 'the audit of accounts',
  rule: 'a report, or an error with a location',
  share: 10,
  property: () =>
    fc.asyncProperty(
      mutated([roleText]),
      mutated([providerText]),
      fc.constantFrom('text' as const, 'json' as const, 'sarif' as const, 'codequality' as const),
      async (roles, providers, format) => {
        let log = '';
        const files = new Map([
          ['roles.json', roles],
          ['providers.json', providers],
        ]);
        const io = memoryIo(files, (more) => {
          log += more;
        });
        const flags = {
          format,
          failOn: 'major',
          providers: ['providers.json'],
          profiles: [],
          organizationRole: undefined,
          region: undefined,
          parallel: 1,
          checkIssuers: false,
          baseline: undefined,
          writeBaseline: undefined,
          corrected: true,
          version: '1',
        } as const;
        const code = await auditCommand(io, ['roles.json'], flags);
        must(!log.includes('This is a bug'), `no bug: ${log}`);
        must(!/[\p{Cc}\p{Cs}]/u.test(log.replaceAll('\n', '')), 'the report is printable');
        if (format !== 'text' && code !== 2) JSON.parse(log);
        mustBeUnpolluted();
      },
    ),
};

export const targets: readonly Target[] = [
  tokenTarget,
  dotenvTarget,
  optionsTarget,
  refusalTarget,
  policyTarget,
  migratorTarget,
  auditTarget,
];
