import { describe, expect, it } from 'vitest';
import { formatAnnotations, formatRefusalAnnotations } from '../../src/hand-off/annotations.ts';
import type { Session } from '../../src/hand-off/session.ts';

function annotationFor(partition: string, region: string, resource = ':assumed-role/deploy/a+b@c'): unknown {
  const session: Session = {
    accessKeyId: 'ASIAEXAMPLE',
    secretAccessKey: 'SECRET',
    sessionToken: 'TOKEN',
    expiration: new Date('2026-01-01T00:00:00Z'),
    region,
    account: '111111111111',
    assumedRoleArn: `arn:${partition}:sts::111111111111${resource}`,
  };
  const text = formatAnnotations(session);
  expect(text).not.toMatch(/SECRET|TOKEN|ASIA/);
  return JSON.parse(text);
}

describe('formatAnnotations', () => {
  it.each([
    ['aws', 'eu-central-1', 'eu-central-1.console.aws.amazon.com'],
    ['aws-cn', 'cn-north-1', 'cn-north-1.console.amazonaws.cn'],
    ['aws-us-gov', 'us-gov-west-1', 'us-gov-west-1.console.amazonaws-us-gov.com'],
    ['aws-eusc', 'eusc-de-east-1', 'eusc-de-east-1.console.amazonaws-eusc.eu'],
  ])("links to the session's events in the console of %s", (partition, region, host) => {
    expect(annotationFor(partition, region)).toEqual({
      'AWS role': [
        {
          external_link: {
            label: 'deploy in 111111111111 until 2026-01-01T00:00:00Z',
            url: `https://${host}/cloudtrailv2/home?region=${region}#/events?Username=a%2Bb%40c`,
          },
        },
      ],
    });
  });

  it('leaves out what the ARN does not contain', () => {
    const url =
      'https://us-east-1.console.aws.amazon.com/cloudtrailv2/home?region=us-east-1#/events?Username=';
    expect(annotationFor('aws', 'us-east-1', '')).toEqual({
      'AWS role': [{ external_link: { label: ' in 111111111111 until 2026-01-01T00:00:00Z', url } }],
    });
  });

  it('says why there are no credentials, in a label that GitLab accepts', () => {
    const label = (reason: string) =>
      JSON.parse(formatRefusalAnnotations(reason))['AWS role'][0].external_link.label;
    expect(label('The ref is not the one that the policy trusts.')).toBe(
      'refused: The ref is not the one that the policy trusts.',
    );
    expect(label('x'.repeat(200))).toBe(`refused: ${'x'.repeat(200)}`);
    expect(label('x'.repeat(201))).toBe(`refused: ${'x'.repeat(199)}…`);
  });

  it('contains no link if the console is not known', () => {
    expect(annotationFor('aws-iso', 'us-iso-east-1')).toEqual({});
  });
});
