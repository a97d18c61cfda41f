/** A token without a valid signature, for code that only reads claims. */
export function unsignedToken(claims: Record<string, unknown> = {}): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const payload = {
    iss: 'https://gitlab.example.com',
    aud: 'https://gitlab.example.com',
    sub: 'x',
    ...claims,
  };
  return `${part({ alg: 'RS256', typ: 'JWT' })}.${part(payload)}.${part('signature')}`;
}
