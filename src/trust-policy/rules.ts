import { applicationUnpinned, audienceSeveral, audienceUnpinned, guestsAllowed } from './audience-rules.ts';
import { nameWithoutId, subjectIgnoreCase, subjectIncomplete, subjectMalformed } from './claim-rules.ts';
import {
  conditionNeverMet,
  forAllValuesInAllow,
  foreignConditionKey,
  ifExistsOnIdentity,
  neverMatchingValue,
  unknownOperator,
  unmappedConditionKey,
  wildcardUnderEquals,
} from './condition-rules.ts';
import { actionAssumeRole, actionTooBroad, principalAnyone } from './principal-rules.ts';
import type { Rule } from './rule.ts';
import { subjectRules } from './subject-rules.ts';

/** The rules for Allow statements, in the order of a report. */
export const rules: readonly Rule[] = [
  principalAnyone,
  ...subjectRules,
  applicationUnpinned,
  audienceUnpinned,
  audienceSeveral,
  wildcardUnderEquals,
  forAllValuesInAllow,
  ifExistsOnIdentity,
  foreignConditionKey,
  unmappedConditionKey,
  conditionNeverMet,
  neverMatchingValue,
  subjectIgnoreCase,
  unknownOperator,
  subjectIncomplete,
  subjectMalformed,
  guestsAllowed,
  nameWithoutId,
  actionAssumeRole,
  actionTooBroad,
];

/** The rules for Deny statements: a Deny that never applies protects nothing. */
export const denyRules: readonly Rule[] = [
  wildcardUnderEquals,
  foreignConditionKey,
  unmappedConditionKey,
  conditionNeverMet,
  neverMatchingValue,
  unknownOperator,
];
