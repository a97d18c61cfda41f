import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GitlabFailure } from '../../src/gitlab-api/failure.ts';
import { readJobs, readPipeline } from '../../src/gitlab-api/pipeline.ts';
import { readProject } from '../../src/gitlab-api/project.ts';

const valid = {
  id: 20,
  path_with_namespace: 'acme/shop',
  web_url: 'https://gitlab.example.com/acme/shop',
  visibility: 'private',
  namespace: { id: 72 },
  default_branch: 'main',
  ci_config_path: '',
  ci_id_token_sub_claim_components: ['project_path'],
  forked_from_project: { path_with_namespace: 'jane/shop' },
};

const anything = fc.oneof(
  fc.anything(),
  fc.constantFrom('../x', 'a/b\n', 'javascript:x', 'https://x/\u202e', -1, 2 ** 60, null),
);

describe('a project in a response', () => {
  it.each([
    ['the address of the instance', valid.web_url, 'https://gitlab.example.com'],
    ['a port', 'https://gitlab.example.com:8443/acme/shop', 'https://gitlab.example.com:8443'],
    ['a path below the host', 'https://example.com/gitlab/acme/shop', 'https://example.com/gitlab'],
    ['an address without the path', 'https://gitlab.example.com/x', 'https://gitlab.example.com'],
  ])('has the instance from %s', (_, webUrl, instance) => {
    expect(readProject({ ...valid, web_url: webUrl }, true).instance).toBe(instance);
  });

  it('is read or refused, whatever is in a field', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(valid)), anything, (name, value) => {
        try {
          const project = readProject({ ...valid, [name]: value }, true);
          expect(project.path).toMatch(/^[\w.-]+\/[\w.-]+$/);
          expect(project.webUrl).toMatch(/^https?:\/\/[\x21-\x7e]+$/);
          expect(Number.isSafeInteger(project.id) && Number.isSafeInteger(project.namespaceId)).toBe(true);
          for (const part of project.subClaimComponents ?? []) expect(typeof part).toBe('string');
        } catch (error) {
          if (!(error instanceof GitlabFailure)) throw error;
          expect([error.kind, error.message]).toEqual(['mistyped', expect.stringMatching(/^"?[\w ]+"? is /)]);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('is refused if it is no object', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        for (const read of [(one: unknown) => readProject(one, true), readPipeline, readJobs]) {
          if (Array.isArray(value) && value.length === 0) return;
          expect(() => read(value)).toThrow(GitlabFailure);
        }
      }),
    );
  });
});
