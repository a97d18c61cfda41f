import { itemsOf, member, type Source, textOf } from './source.ts';

/**
 * Puts values in the place of CloudFormation's functions, as far as the template tells them: parameters
 * that have a default, texts put together. What only the deployment knows stays as `${Name}`.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
 *
 * @param parameters the template's section of that name
 */
export function resolveFunctions(source: Source, parameters: Source | undefined): Source {
  const resolve = (one: Source): Source => resolveFunctions(one, parameters);
  switch (source.kind) {
    case 'array':
      return { ...source, items: source.items.flatMap((item) => alternatives(item, resolve(item))) };
    case 'object': {
      const [only, ...others] = source.entries;
      if (only && others.length === 0 && /^(Ref|Fn::\w+)$/.test(only.key)) {
        return call(only.key, resolve(only.value), source.offset, parameters);
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

function call(name: string, value: Source, offset: number, parameters: Source | undefined): Source {
  const scalar = (text: string): Source => ({ kind: 'scalar', value: text, offset });
  switch (name) {
    case 'Ref':
      return scalar(parameter(textOf(value) ?? '', parameters));
    case 'Fn::Sub': {
      const [template, variables] = itemsOf(value);
      return scalar(substitute(textOf(template) ?? '', variables, parameters));
    }
    case 'Fn::Join': {
      const [separator, parts] = itemsOf(value);
      return scalar(
        itemsOf(parts)
          .map(textOf)
          .join(textOf(separator) ?? ''),
      );
    }
    case 'Fn::If':
      // both ways: either may be deployed
      return { kind: 'array', items: itemsOf(value).slice(1).filter(isValue), offset };
    default:
      return { kind: 'opaque', text: `\${${name}}`, offset };
  }
}

/** The two ways of an `Fn::If` in a list are items of that list. */
function alternatives(written: Source, resolved: Source): readonly Source[] {
  const isIf = member(written, 'Fn::If') !== undefined;
  return isIf && resolved.kind === 'array' ? resolved.items : [resolved];
}

function isValue(source: Source): boolean {
  return textOf(source) !== `\${AWS::NoValue}`;
}

function substitute(text: string, variables: Source | undefined, parameters: Source | undefined): string {
  return text.replace(
    /\$\{([^!}][^}]*)\}|\$\{!([^}]*)\}/g,
    (_, name: string | undefined, literal: string) => {
      if (name === undefined) return `\${${literal}}`;
      return textOf(member(variables, name.trim())) ?? parameter(name.trim(), parameters);
    },
  );
}

function parameter(name: string, parameters: Source | undefined): string {
  return textOf(member(member(parameters, name), 'Default')) ?? `\${${name}}`;
}
