import { itemsOf, member, type Source, textOf } from './source.ts';

/** The sections of a template that functions can reference. */
export interface Template {
  readonly parameters: Source | undefined;
  readonly resources: Source | undefined;
}

/**
 * Replaces CloudFormation's functions with their values as far as the template defines them: default values of
 * parameters, joined strings. A value that only the deployment knows becomes `${Name}`.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
 *
 * A reference to an identity provider in the same template becomes the provider's future ARN.
 */
export function resolveFunctions(source: Source, template: Template): Source {
  const resolve = (one: Source): Source => resolveFunctions(one, template);
  switch (source.kind) {
    case 'array':
      return { ...source, items: source.items.flatMap((item) => alternatives(item, resolve(item))) };
    case 'object': {
      const [only, ...others] = source.entries;
      if (only && others.length === 0 && /^(Ref|Fn::\w+)$/.test(only.key)) {
        return call(only.key, resolve(only.value), source.offset, template);
      }
      return {
        ...source,
        entries: source.entries.map((entry) => ({ ...entry, value: resolve(entry.value) })),
      };
    }
    default:
      return source;
  }
}

function call(name: string, value: Source, offset: number, template: Template): Source {
  const scalar = (text: string): Source => ({ kind: 'scalar', value: text, offset });
  switch (name) {
    case 'Ref':
      return scalar(reference(textOf(value) ?? '', template));
    case 'Fn::Sub': {
      const [text, variables] = itemsOf(value);
      return scalar(substitute(textOf(text) ?? '', variables, template));
    }
    case 'Fn::Join': {
      const [separator, parts] = itemsOf(value);
      return scalar(
        itemsOf(parts)
          .map(textOf)
          .join(textOf(separator) ?? ''),
      );
    }
    case 'Fn::GetAtt': {
      const [resource = '', attribute = ''] = itemsOf(value).flatMap((item) =>
        (textOf(item) ?? '').split('.'),
      );
      const arn = attribute === 'Arn' ? providerArn(resource, template) : undefined;
      return arn === undefined
        ? { kind: 'opaque', text: `\${${resource}.${attribute}}`, offset }
        : scalar(arn);
    }
    case 'Fn::If':
      // either branch may be deployed
      return { kind: 'array', items: itemsOf(value).slice(1).filter(isValue), offset };
    default:
      return { kind: 'opaque', text: `\${${name}}`, offset };
  }
}

/** The two branches of an `Fn::If` in a list become items of that list. */
function alternatives(written: Source, resolved: Source): readonly Source[] {
  const isIf = member(written, 'Fn::If') !== undefined;
  return isIf && resolved.kind === 'array' ? resolved.items : [resolved];
}

function isValue(source: Source): boolean {
  return textOf(source) !== `\${AWS::NoValue}`;
}

function substitute(text: string, variables: Source | undefined, template: Template): string {
  return text.replace(
    /\$\{([^!}][^}]*)\}|\$\{!([^}]*)\}/g,
    (_, name: string | undefined, literal: string) => {
      if (name === undefined) return `\${${literal}}`;
      return textOf(member(variables, name.trim())) ?? reference(name.trim(), template);
    },
  );
}

function reference(name: string, template: Template): string {
  const parameter = textOf(member(member(template.parameters, name), 'Default'));
  return parameter ?? providerArn(name.replace(/\.Arn$/, ''), template) ?? `\${${name}}`;
}

/** CloudFormation's resource type, and the CDK's custom resource. */
const providerTypes = ['AWS::IAM::OIDCProvider', 'Custom::AWSCDKOpenIdConnectProvider'];

/** The ARN of a provider that the template creates; its name is the URL without the scheme. */
function providerArn(resource: string, template: Template): string | undefined {
  const found = member(template.resources, resource);
  if (!providerTypes.includes(textOf(member(found, 'Type')) ?? '')) return undefined;
  const properties = member(found, 'Properties');
  const url = member(properties, 'Url') ?? member(properties, 'url');
  const text = url === undefined ? undefined : textOf(resolveFunctions(url, template));
  const name = text?.replace(/^https?:\/\//, '') ?? `\${${resource}}`;
  return `arn:\${AWS::Partition}:iam::\${AWS::AccountId}:oidc-provider/${name}`;
}
