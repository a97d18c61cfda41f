import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stsErrors } from '../sandbox/sts-errors.ts';
import { inputNames } from '../src/exchange/inputs.ts';
import { accountRules } from '../src/trust-policy/provider-rules.ts';
import { rules } from '../src/trust-policy/rules.ts';
import { blocks, pages } from './support/pages.ts';
import { root } from './support/run-program.ts';

describe('the documentation', () => {
  const trustPolicies = blocks('json').filter(([, text]) => text.includes('"Principal"'));
  it.each(trustPolicies)('shows an exact trust policy: %s', (_, text) => {
    const [statement] = JSON.parse(text).Statement;
    const { StringEquals: conditions, ...others } = statement.Condition;
    const issuer = statement.Principal.Federated.split('oidc-provider/')[1];
    expect(others).toEqual({});
    expect(conditions[`${issuer}:aud`]).toBe(`https://${issuer}`);
    expect(conditions[`${issuer}:sub`]).not.toContain('*');
  });

  it.each(pages)('%s links only to existing files', (page, text) => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, link = '']) => link);
    for (const link of links) expect(existsSync(join(root, page, '..', link)), link).toBe(true);
  });

  it('documents every npm script, and only existing ones', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const named = pages.flatMap(([, text]) =>
      [...text.matchAll(/npm run ([\w:]+)/g)].map(([, name = '']) => name),
    );
    for (const name of named) expect(scripts).toHaveProperty(name);
    const forPeople = Object.keys(scripts).filter((name) => !/^(pre|typecheck|lint|test$)/.test(name));
    expect(forPeople.filter((name) => !named.includes(name))).toEqual([]);
  });

  it('documents every variable of the program', () => {
    const reference = readFileSync(join(root, 'docs/reference.md'), 'utf8');
    for (const name of inputNames) expect(reference).toContain(`\`AWS_OIDC_${name.toUpperCase()}\``);
  });

  it('has every error of AssumeRoleWithWebIdentity, and every cause of the corpus', () => {
    const page = readFileSync(join(root, 'docs/troubleshooting.md'), 'utf8').toLowerCase();
    const {
      notAuthorized,
      noProvider,
      incorrectAudience,
      noVerificationKey,
      thumbprint,
      notJwt,
      missingAudience,
      badSignature,
    } = stsErrors;
    const { issuerUnreachable, rejectedClaim, maxSessionDuration, invalidArn } = stsErrors;
    const errors = [
      notAuthorized,
      noProvider,
      incorrectAudience,
      noVerificationKey,
      thumbprint,
      notJwt,
      missingAudience,
      badSignature,
      issuerUnreachable,
      rejectedClaim,
      maxSessionDuration,
      invalidArn,
    ];
    for (const { message } of errors)
      expect(page).toContain(
        message
          .split(/[.,(]| for ISSUER/)[0]
          ?.trim()
          .toLowerCase(),
      );
    for (const code of [
      'ExpiredTokenException',
      'MalformedPolicyDocument',
      'PackedPolicyTooLarge',
      'RegionDisabledException',
    ]) {
      expect(page).toContain(code.toLowerCase());
    }
    const folder = join(root, 'test/fixtures/refusals');
    for (const file of readdirSync(folder)) {
      const { cause } = JSON.parse(readFileSync(join(folder, file), 'utf8'));
      expect(page, cause).toContain(`\`${cause}\``);
    }
  });

  it('has every rule of lint, with its severity', () => {
    const page = readFileSync(join(root, 'docs/trust-policies.md'), 'utf8');
    for (const { id, severity } of rules) {
      expect(page).toMatch(new RegExp(`^\\| [^|]*\`${id}\`[^|]* \\| ${severity} \\|`, 'm'));
    }
  });

  it('has every rule for accounts, with its severity', () => {
    const page = readFileSync(join(root, 'docs/trust-policies.md'), 'utf8');
    for (const [id, severity] of Object.entries(accountRules)) {
      expect(page).toMatch(new RegExp(`^\\| \`${id}\` \\| ${severity} \\|`, 'm'));
    }
  });

  it('shows migrations as the tests have them', () => {
    const page = readFileSync(join(root, 'docs/migrating.md'), 'utf8');
    const shown = [
      ...page.matchAll(
        /<!-- (\S+) -->\n\nBefore:\n\n```yaml\n([\s\S]*?)```\n\nAfter:\n\n```yaml\n([\s\S]*?)```/g,
      ),
    ];
    expect(shown.length).toBeGreaterThan(7);
    for (const [, name = '', before, after] of shown) {
      const read = (file: string) => readFileSync(join(root, 'test/fixtures/pipelines', name, file), 'utf8');
      expect([before, after], name).toEqual([read('before.yml'), read('after.yml')]);
    }
  });

  it('refers only to existing tests', () => {
    const named = pages.flatMap(([, text]) =>
      [...text.matchAll(/`((?:test|scripts)\/[^`]*)`/g)].map(([, path = '']) => path),
    );
    expect(named.length).toBeGreaterThan(10);
    for (const path of named) expect(existsSync(join(root, path)), path).toBe(true);
  });
});
