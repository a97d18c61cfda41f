import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bundle, programs } from '../../scripts/bundle/bundle.ts';
import { withShell } from '../../scripts/bundle/compose-template.ts';
import { encodePayload, payloadOf } from '../../scripts/bundle/payload.ts';
import { root } from '../support/run-program.ts';

const empty =
  'spec:\n  inputs:\n    job_name:\n---\njob:\n  script:\n    - |\n      # shell: unpack-program.sh\n    - run\n';

describe('the payload of a template', () => {
  it('is found again, byte for byte, for any program', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 5000 }), async (code) => {
        const template = withShell(empty, { __payload__: await encodePayload(code) });
        expect(Buffer.from(payloadOf(template))).toEqual(Buffer.from(code));
      }),
    );
  });

  it('is missing if a template carries none', () => {
    expect(() => payloadOf('spec: {}\n---\njob: {}\n')).toThrow(
      'the template must carry exactly one payload',
    );
  });

  it.each([
    ['assume-role.yml', programs.payload],
    ['same-job.yml', programs.payload],
    ['diagnose.yml', programs.doctor],
  ])('of %s can be checked by hand, with the command in its header', (name, program) => {
    const template = join(root, 'templates', name);
    const [, command = ''] = /^# {3}(sed .*)$/m.exec(readFileSync(template, 'utf8')) ?? [];
    const byHand = spawnSync('sh', ['-c', command.replace(name, template)], { maxBuffer: 1e7 });
    expect(byHand.stdout.equals(readFileSync(join(root, program.file)))).toBe(true);
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
    ['assume-role.yml', 64],
    ['same-job.yml', 64],
    // in a job that somebody starts by hand
    ['diagnose.yml', 72],
  ])('of %s is at most %i KiB of text', (name, maxKib) => {
    const template = readFileSync(join(root, 'templates', name), 'utf8');
    const [, encoded = ''] = /<<'AWS_OIDC_PAYLOAD'.*\n([\s\S]*?)\n *AWS_OIDC_PAYLOAD\n/.exec(template) ?? [];
    const text = encoded.replaceAll(' ', '');
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
