import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bundle, programs } from '../../scripts/bundle/bundle.ts';
import { withShell } from '../../scripts/bundle/compose-template.ts';
import { encodePayload, payloadsOf } from '../../scripts/bundle/payload.ts';
import { root } from '../support/run-program.ts';

const carrying = (...shell: readonly string[]) =>
  `spec:\n  inputs:\n    job_name:\n---\n${shell.map((line, index) => `job${index}:\n  script:\n    - |\n      # shell: ${line}\n    - run\n`).join('')}`;

describe('the payload of a template', () => {
  it.each([
    ['the POSIX shell', ['unpack-program.sh one.mjs']],
    ['PowerShell', ['unpack-program.ps1 one.mjs']],
    ['both', ['unpack-program.sh one.mjs', 'unpack-program.ps1 one.mjs']],
  ])('is found again, byte for byte, for any program, in %s', async (_, shell) => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 5000 }), async (code) => {
        const template = withShell(carrying(...shell), new Map([['one.mjs', await encodePayload(code)]]));
        expect([...payloadsOf(template)]).toEqual([['one.mjs', Buffer.from(code)]]);
      }),
    );
  });

  it('is one of several', async () => {
    const both = carrying('unpack-program.sh one.mjs', 'unpack-program.ps1 two.mjs');
    const payloads = new Map([
      ['one.mjs', await encodePayload(Buffer.from('1'))],
      ['two.mjs', await encodePayload(Buffer.from('2'))],
    ]);
    const found = [...payloadsOf(withShell(both, payloads))].map(([name, code]) => `${name} ${code}`);
    expect(found).toEqual(['one.mjs 1', 'two.mjs 2']);
    const differing = withShell(both, payloads).replace('// two.mjs', '// one.mjs');
    expect(() => payloadsOf(differing)).toThrow('the template must carry one one.mjs');
    expect(() => withShell(both)).toThrow('there is no program one.mjs');
  });

  it('is missing if a template carries none', () => {
    expect(payloadsOf('spec: {}\n---\njob: {}\n').size).toBe(0);
  });

  it.each<[string, ...{ readonly file: string }[]]>([
    ['assume-role.yml', programs.payload],
    ['same-job.yml', programs.payload, programs.sameJob, programs.payload, programs.sameJob],
    ['diagnose.yml', programs.doctor],
    ['ecr-login.yml', programs.ecrLogin],
  ])('of %s can be checked by hand, with the command in its header', (name, ...carried) => {
    const template = join(root, 'templates', name);
    const commands = [...readFileSync(template, 'utf8').matchAll(/^# {3}(sed .*)$/gm)];
    expect(commands).toHaveLength(carried.length);
    for (const [index, [, command = '']] of commands.entries()) {
      const byHand = spawnSync('sh', ['-c', command.replace(name, template)], { maxBuffer: 1e7 });
      expect(byHand.stdout.equals(readFileSync(join(root, carried[index]?.file ?? '')))).toBe(true);
    }
  });
});

describe('the bundle', () => {
  it('is the same on every run', async () => {
    const [one, two] = await Promise.all([
      bundle(programs.payload, '1.2.3'),
      bundle(programs.payload, '1.2.3'),
    ]);
    expect(Buffer.from(one.code)).toEqual(Buffer.from(two.code));
  });

  it.each([
    // in every job that needs credentials
    ['assume-role.yml', 'assume-role.mjs', 64],
    ['same-job.yml', 'assume-role.mjs', 64],
    // in jobs that ask for more
    ['same-job.yml', 'same-job.mjs', 136],
    // in a job that somebody starts by hand
    ['diagnose.yml', 'doctor.mjs', 72],
    // in one job of a pipeline
    ['ecr-login.yml', 'ecr-login.mjs', 136],
  ])('of %s, %s, is at most %i KiB of text', (name, program, maxKib) => {
    const template = readFileSync(join(root, 'templates', name), 'utf8');
    const block = new RegExp(`<<'AWS_OIDC_PAYLOAD'.*/${program}".*\\n([\\s\\S]*?)\\n *AWS_OIDC_PAYLOAD\\n`);
    const text = block.exec(template)?.[1]?.replaceAll(' ', '') ?? '';
    expect(text).toMatch(/^H4sI[A-Za-z0-9+/\n]{30000,}={0,2}$/);
    expect(text.length).toBeLessThanOrEqual(maxKib * 1024);
  });

  it('excludes what a job cannot use', async () => {
    const { metafile } = await bundle(programs.payload, '1.2.3');
    const inputs = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs));
    for (const unwanted of ['credential-provider-', 'event-streams/Event', '/json/', 'kerberos', 'imds']) {
      expect(inputs.filter((path) => path.includes(unwanted))).toEqual([]);
    }
  });
});
