import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { publint } from 'publint';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { bundle, programs } from '../../scripts/bundle/bundle.ts';
import { bundledPackages } from '../../scripts/bundle/packages.ts';
import { root } from '../support/run-program.ts';

describe('the bill of materials', () => {
  const text = readFileSync(join(root, 'dist/sbom.cdx.json'), 'utf8');

  it('is valid CycloneDX', async () => {
    const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
    expect(await validator.validate(text)).toBeNull();
    expect(await validator.validate(text.replace('"bomFormat"', '"format"'))).not.toBeNull();
  });

  it('lists every bundled package, as it is installed', async () => {
    const bundles = await Promise.all(Object.values(programs).map((program) => bundle(program, '1.2.3')));
    const packages = bundledPackages(bundles.map(({ metafile }) => metafile));
    const listed = JSON.parse(text).components.filter(({ type }: { type: string }) => type === 'library');
    const names = listed.map(({ group, name, version }: Record<string, string>) => [
      group === undefined ? name : `${group}/${name}`,
      version,
    ]);
    expect(names.sort()).toEqual(packages.map(({ name, version }) => [name, version]).sort());
    expect(names.length).toBeGreaterThan(10);
  });
});

describe('what is bundled', () => {
  it('can be distributed under the MIT license', async () => {
    const { metafile } = await bundle(programs.commandLine, '1.2.3');
    const fit = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'ISC', 'MIT'];
    const others = bundledPackages([metafile]).filter(({ license }) => !fit.includes(license));
    expect(others.map(({ name, license }) => `${name}: ${license}`)).toEqual([]);
  });
});

describe('the packages of the build', () => {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const entries = Object.entries<Record<string, unknown>>(lock.packages).filter(([path]) => path !== '');

  it('are pinned by hash, without download URLs', () => {
    // packages inside of packages come with these
    const own = entries.filter(([, { inBundle, link }]) => inBundle !== true && link !== true);
    expect(own.filter(([, { integrity }]) => !/^sha512-/.test(`${integrity}`)).map(([path]) => path)).toEqual(
      [],
    );
    expect(entries.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
  });

  it('are no dependencies of the package itself, and few have an install script', () => {
    const { dependencies, allowScripts, ...manifest } = JSON.parse(
      readFileSync(join(root, 'package.json'), 'utf8'),
    );
    expect([dependencies, manifest.peerDependencies, manifest.optionalDependencies]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(allowScripts).toEqual({ esbuild: true, node: true });
    // npm itself only warns of others
    const withScript = entries.filter(([, { hasInstallScript }]) => hasInstallScript === true);
    const names = withScript.map(([path]) => path.replace(/^.*node_modules\//, ''));
    expect([...new Set(names)].filter((name) => !['esbuild', 'node', 'fsevents'].includes(name))).toEqual([]);
  });
});

describe('the package', () => {
  const folder = mkdtempSync(join(tmpdir(), 'aws-oidc-pack-'));
  let tarball: string;
  let files: readonly string[];

  beforeAll(() => {
    const args = ['pack', '--json', '--pack-destination', folder];
    const [packed] = JSON.parse(execFileSync('npm', args, { cwd: root, encoding: 'utf8' }));
    tarball = join(folder, packed.filename);
    files = packed.files.map(({ path }: { path: string }) => path);
  }, 60_000);

  it('has no finding of publint', async () => {
    const { messages } = await publint({ pkgDir: root, strict: true });
    expect(messages).toEqual([]);
  });

  it('has the programs, the templates and the documentation, and no sources or tests', () => {
    for (const file of [
      'dist/aws-oidc.mjs',
      'dist/LICENSES.md',
      'dist/sbom.cdx.json',
      'SECURITY.md',
      'LICENSE',
    ]) {
      expect(files).toContain(file);
    }
    const folders = new Set(files.map((file) => (file.includes('/') ? file.split('/')[0] : '.')));
    expect([...folders].sort()).toEqual(['.', 'dist', 'docs', 'examples', 'templates']);
  });

  it('runs by npx in an empty directory, without a network', () => {
    const cwd = mkdtempSync(join(tmpdir(), 'aws-oidc-npx-'));
    const env = {
      PATH: process.env.PATH,
      HOME: cwd,
      npm_config_cache: join(folder, 'cache'),
      npm_config_registry: 'http://127.0.0.1:9/',
      npm_config_update_notifier: 'false',
    };
    const npx = (...args: readonly string[]) =>
      execFileSync('npx', ['--yes', '--package', tarball, 'aws-oidc', ...args], {
        cwd,
        env,
        encoding: 'utf8',
      });
    expect(npx('--version').trim()).toBe(
      JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version,
    );
    expect(npx('--help')).toContain('trust-policy');
    expect(readdirSync(cwd).filter((name) => !name.startsWith('.'))).toEqual([]);
  }, 60_000);
});

describe('what is published', () => {
  const pipeline = parse(readFileSync(join(root, '.gitlab-ci.yml'), 'utf8'));

  it('comes only from a protected tag of this project', () => {
    const [rule, ...others] = pipeline['.release'].rules;
    expect(others).toEqual([]);
    expect(rule.if.split(' && ')).toEqual([
      '$CI_PROJECT_PATH == "aws-oidc/aws-oidc"',
      '$CI_COMMIT_REF_PROTECTED == "true"',
      '$CI_COMMIT_TAG =~ /^\\d+\\.\\d+\\.\\d+$/',
    ]);
    for (const name of ['package', 'publish', 'release']) {
      expect([pipeline[name].extends].flat()).toContain('.release');
      expect(pipeline[name].rules).toBeUndefined();
    }
  });

  it('comes from no other job: none has a token for a registry, or creates a release', () => {
    const able = Object.entries<Record<string, unknown>>(pipeline).filter(
      ([, job]) => job?.id_tokens !== undefined || job?.release !== undefined,
    );
    expect(able.map(([name]) => name)).toEqual(['publish', 'release']);
  });
});
