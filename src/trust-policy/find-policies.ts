import { placeFinder } from '../text/place.ts';
import { noPolicy, readDocument } from './document-text.ts';
import { type FoundPolicy, located } from './found-policy.ts';
import { rolePolicies } from './policy-file-formats.ts';

/**
 * Finds the trust policies in a file: a bare policy, the output of `aws iam get-role` or `list-roles`, a
 * CloudFormation template (YAML or JSON), Terraform state, or the output of `terraform show -json`.
 *
 * @throws {TextError} if the file is none of these
 */
export function findPolicies(text: string): readonly FoundPolicy[] {
  const found = rolePolicies(readDocument(text));
  if (found.length === 0) throw noPolicy();
  const place = placeFinder(text);
  return found.map(({ role, value }) => located(role, value, place));
}
