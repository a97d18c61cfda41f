import { type RecipeValues, readStep, type Step } from './recipe-step.ts';
import { commandsOf } from './shell-words.ts';

/** Some commands, all of which belong to a recipe. */
export interface Recipe {
  readonly values: RecipeValues;
  /** It writes a profile or a token file that an SDK reads by itself. */
  readonly forSdk: boolean;
  /** Variables that hold STS's answer: nothing else may need them. */
  readonly answers: readonly string[];
}

/** Why commands are no recipe that is understood whole. */
export interface NotUnderstood {
  readonly command: string;
}

/** Could a script belong to a recipe at all? */
export function looksLikeRecipe(script: string): boolean {
  return /assume-role-with-web-identity|web_identity_token_file|AWS_WEB_IDENTITY_TOKEN_FILE/.test(script);
}

/** Commands that tell something and change nothing: they may stand between the steps, and stay. */
export function isNeutral(script: string): boolean {
  const commands = commandsOf(script);
  return (
    commands.length > 0 &&
    commands.every((command) =>
      /^(aws configure list|aws sts get-caller-identity|aws --version|jq --version|echo [^>|$`]*)$/.test(
        command,
      ),
    )
  );
}

/** Does a script do one of a recipe's steps, taken by itself? */
export function isRecipeStep(script: string): boolean {
  const commands = commandsOf(script);
  return commands.length > 0 && commands.every((command) => readStep(command) !== undefined);
}

/**
 * Reads scripts that stand one after the other as a recipe.
 *
 * @returns why not, where a command is none of a recipe's, or the role is not to be told
 */
export function readRecipe(scripts: readonly string[]): Recipe | NotUnderstood {
  const commands = scripts.flatMap(commandsOf);
  const steps: Step[] = [];
  for (const command of commands) {
    const step = readStep(command);
    if (step === undefined) return { command };
    steps.push(step);
  }
  const values: RecipeValues = Object.assign({}, ...steps.map((step) => step.values));
  const asks = steps.some(({ kind }) => kind === 'exchange') || steps.some(({ kind }) => kind === 'profile');
  if (!asks || values.roleArn === undefined) return { command: commands[0] ?? '' };
  const answers = steps.flatMap(({ answer }) => answer ?? []);
  return { values, forSdk: !steps.some(({ kind }) => kind === 'exchange'), answers };
}
