import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { existingDockerConfig, writeDockerConfig } from '../../../src/commands/registry/docker-directory.ts';
import { fakeIo } from '../../support/fake-io.ts';

const ecr = '111111111111.dkr.ecr.eu-central-1.amazonaws.com';
const login = { auths: new Map([[ecr, 'QVdTOm5ldw==']]), expiration: new Date() };

/** An Io whose DOCKER_CONFIG has a config.json. */
function jobWith(config: string, env: Readonly<Record<string, string>> = {}) {
  const { directory } = fakeIo({});
  writeFileSync(`${directory}/config.json`, config);
  return { ...fakeIo({ DOCKER_CONFIG: directory, ...env }), before: directory };
}

describe("the Docker configuration of a job's tools", () => {
  it('is the file, with the entries of DOCKER_AUTH_CONFIG, which win', async () => {
    const auths = { 'a.example': { auth: 'b2xk' }, 'b.example': {} };
    const variable = { auths: { 'b.example': { auth: 'bmV3' } } };
    const io = jobWith(JSON.stringify({ auths, HttpHeaders: { X: '1' } }), {
      DOCKER_AUTH_CONFIG: JSON.stringify(variable),
    });
    expect(await existingDockerConfig(io)).toEqual({
      auths: { 'a.example': { auth: 'b2xk' }, 'b.example': { auth: 'bmV3' } },
      HttpHeaders: { X: '1' },
      cliPluginsExtraDirs: [`${io.before}/cli-plugins`],
    });
  });

  it('has no store, which docker would ask instead of using tokens, and no context, whose files are elsewhere', async () => {
    const config = await existingDockerConfig(
      jobWith('{"credsStore":"x","currentContext":"y","credHelpers":{"a":"b"}}'),
    );
    expect(config).toMatchObject({ credHelpers: { a: 'b' } });
    expect(config).not.toHaveProperty('credsStore');
    expect(config).not.toHaveProperty('currentContext');
  });

  it.each(['HOME', 'USERPROFILE'])('is found below %s', async (name) => {
    const { directory } = fakeIo({});
    mkdirSync(`${directory}/.docker`);
    writeFileSync(`${directory}/.docker/config.json`, '{"auths":{"a.example":{}}}');
    expect(await existingDockerConfig(fakeIo({ [name]: directory }))).toMatchObject({
      auths: { 'a.example': {} },
    });
  });

  it.each(['{', '[]', '{"auths":"canary"}'])('is refused if it is %j, without its content', async (text) => {
    const failure = await existingDockerConfig(jobWith(text)).catch((error) => error);
    expect(failure.code).toBe('INVALID_INPUT');
    expect(JSON.stringify(failure.problems)).not.toContain('canary');
  });

  it('is written to a private file, to which two variables lead', async () => {
    const io = fakeIo({});
    const file = `${io.directory}/config.json`;
    expect(await writeDockerConfig(io, io.directory, {}, login)).toEqual({
      DOCKER_CONFIG: io.directory,
      REGISTRY_AUTH_FILE: file,
    });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ auths: { [ecr]: { auth: 'QVdTOm5ldw==' } } });
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });
});
