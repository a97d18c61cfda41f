import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDockerConfig, withRegistries } from '../../src/registry/docker-config.ts';

const ecr = '111111111111.dkr.ecr.eu-central-1.amazonaws.com';
const auths = new Map([[ecr, 'QVdTOm5ldw==']]);

describe('a Docker configuration', () => {
  it.each(['', ' \n'])('may be empty: %j', (text) => {
    expect(parseDockerConfig(text)).toEqual({});
  });

  it.each(['{', '[]', 'null', '"x"', '{"auths": []}', '{"auths": "secret"}', '{"credHelpers": 1}'])(
    'is not %j',
    (text) => {
      expect(() => parseDockerConfig(text)).toThrow(
        expect.objectContaining({
          message: expect.stringMatching(/^must be (valid JSON|the JSON of a Docker)/),
        }),
      );
    },
  );

  it('is not repeated in an error', () => {
    const text = '{"auths": "QVdTOmNhbmFyeQ=="}';
    const message = (() => {
      try {
        parseDockerConfig(text);
      } catch (error) {
        return String(error);
      }
      return text;
    })();
    expect(message).not.toContain('QVdT');
  });
});

describe('the credentials of registries', () => {
  it('are added to the ones of other registries', () => {
    const config = { auths: { 'registry.example.com': { auth: 'b2xk' } }, HttpHeaders: { 'X-Shop': '1' } };
    expect(withRegistries(config, auths)).toEqual({
      auths: { 'registry.example.com': { auth: 'b2xk' }, [ecr]: { auth: 'QVdTOm5ldw==' } },
      HttpHeaders: { 'X-Shop': '1' },
    });
  });

  it('replace older ones', () => {
    expect(withRegistries({ auths: { [ecr]: { auth: 'b2xk', email: 'a' } } }, auths)).toEqual({
      auths: { [ecr]: { auth: 'QVdTOm5ldw==' } },
    });
  });

  it('replace a credential helper for the same registry, and no other', () => {
    const credHelpers = { [ecr]: 'ecr-login', 'gcr.io': 'gcloud' };
    expect(withRegistries({ credHelpers }, auths)).toEqual({
      auths: { [ecr]: { auth: 'QVdTOm5ldw==' } },
      credHelpers: { 'gcr.io': 'gcloud' },
    });
    expect(withRegistries({ credHelpers: { [ecr]: 'ecr-login' } }, auths)).not.toHaveProperty('credHelpers');
  });

  it.each([`https://${ecr}`, `https://${ecr}/v2/`, `${ecr}/shop`])('replace older ones under %s', (key) => {
    const config = { auths: { [key]: { auth: 'b2xk' } }, credHelpers: { [key]: 'ecr-login' } };
    expect(withRegistries(config, auths)).toEqual({ auths: { [ecr]: { auth: 'QVdTOm5ldw==' } } });
  });

  it('never change or lose an entry of another registry, whatever its name is', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.dictionary(fc.string(), fc.string())), (entries) => {
        const merged = JSON.parse(JSON.stringify(withRegistries({ auths: entries }, auths)));
        const before = JSON.parse(JSON.stringify(entries));
        delete before[ecr];
        for (const [host, entry] of Object.entries(before)) expect(merged.auths[host]).toEqual(entry);
        expect(Object.keys(merged.auths)).toHaveLength(Object.keys(before).length + 1);
      }),
    );
  });
});
