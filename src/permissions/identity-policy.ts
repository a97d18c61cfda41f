/** A statement of an identity policy or a permissions boundary. */
export interface PermissionStatement {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly string[];
  /** True for `NotAction`. */
  readonly exceptActions: boolean;
  readonly resources: readonly string[];
  /** True for `NotResource`. */
  readonly exceptResources: boolean;
  /** It has conditions, which are not evaluated. */
  readonly isConditional: boolean;
}

/**
 * Reads an identity policy: an object, JSON, or URL-encoded JSON.
 * Grammar: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 *
 * @returns undefined if the document, or any of its statements, cannot be read
 */
export function readIdentityPolicy(document: unknown): readonly PermissionStatement[] | undefined {
  const policy = typeof document === 'string' ? parsed(document) : document;
  if (!isObject(policy) || policy.Statement === undefined) return undefined;
  const statements = [policy.Statement].flat().map(readStatement);
  return statements.every((one) => one !== undefined) ? statements : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(/^\s*%7B/i.test(text) ? decodeURIComponent(text) : text);
  } catch {
    return undefined;
  }
}

function readStatement(source: unknown): PermissionStatement | undefined {
  if (!isObject(source)) return undefined;
  const { Effect: effect, Condition: condition } = source;
  const [actions, resources] = [either(source, 'Action'), either(source, 'Resource')];
  if ((effect !== 'Allow' && effect !== 'Deny') || actions === undefined || resources === undefined)
    return undefined;
  return {
    effect,
    actions: actions.texts,
    exceptActions: actions.isExcept,
    resources: resources.texts,
    exceptResources: resources.isExcept,
    isConditional: isObject(condition) ? Object.keys(condition).length > 0 : condition !== undefined,
  };
}

/** The values of an element or of its `Not…` form; undefined if both or none exist. */
function either(source: Readonly<Record<string, unknown>>, name: string) {
  const [own, except] = [source[name], source[`Not${name}`]];
  if ((own === undefined) === (except === undefined)) return undefined;
  const texts = [own ?? except].flat();
  const isText = (one: unknown): one is string => typeof one === 'string';
  return texts.every(isText) ? { texts, isExcept: own === undefined } : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
