import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Control, startControl } from '../../sandbox/control.ts';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';

let sandbox: Sandbox;
let control: Control;
beforeAll(async () => {
  sandbox = await startSandbox();
  control = await startControl(sandbox);
});
afterAll(() => {
  control.stop();
  return sandbox.stop();
});

describe('the control of the sandbox', () => {
  it.each([
    ['', { sub: 'project_path:acme/shop:ref_type:branch:ref:main' }],
    ['?ref=v1&ref_type=tag', { sub: 'project_path:acme/shop:ref_type:tag:ref:v1', ref_path: 'refs/tags/v1' }],
    ['?project_path=a/b/c', { namespace_path: 'a/b', project_path: 'a/b/c' }],
    ['?environment=prod', { environment: 'prod', deployment_tier: 'prod' }],
    ['?aud=x', { aud: 'x' }],
    ['?aud=x&aud=y', { aud: ['x', 'y'] }],
    [
      `?claims=${encodeURIComponent('{"iss":"https://gitlab.com","project_id":"9"}')}`,
      { iss: 'https://gitlab.com', project_id: '9' },
    ],
  ])('mints tokens: /token%s', async (query, claims) => {
    const answer = await fetch(`${control.url}/token${query}`);
    expect(decodeJwt(await answer.text())).toMatchObject(claims);
  });

  it('plans faults', async () => {
    await fetch(`${control.url}/fault?times=1`, { method: 'POST', body: '{"kind":"status","status":503}' });
    expect((await fetch(sandbox.sts.url, { method: 'POST' })).status).toBe(503);
    expect((await fetch(sandbox.sts.url, { method: 'POST' })).status).toBe(400);
  });

  it.each([
    ['{', 400, /JSON/],
    ['{"kind":"x"}', 400, /"kind" must be one of delay, reset/],
    ['{"kind":"error","error":"x"}', 400, /"error" must be one of notAuthorized/],
  ])('refuses the fault %s', async (body, status, message) => {
    const answer = await fetch(`${control.url}/fault`, { method: 'POST', body });
    expect(answer.status).toBe(status);
    expect(await answer.text()).toMatch(message);
  });
});
