import { type Environment, secretVariables, variableNamed } from '../environment-variables.ts';
import type { Io } from '../system/io.ts';
import { JobLog } from './job-log.ts';

/** The variable with the token, if the user chose one. */
interface NamedToken {
  readonly tokenEnv?: string | undefined;
}

/** A log that masks the secrets in the environment. */
export function redactingLog(io: Io, flags: NamedToken = {}): JobLog {
  return new JobLog(io, secretsOf(io.env, flags));
}

/** The same for results that people read on standard output. */
export function redactingReport(io: Io, flags: NamedToken = {}): JobLog {
  const output = { log: io.out, colour: io.outColour, sections: false, now: io.now };
  return new JobLog(output, secretsOf(io.env, flags));
}

/** Values that must not be printed. */
export function secretsOf(env: Environment, { tokenEnv }: NamedToken = {}): readonly string[] {
  const names = tokenEnv === undefined ? secretVariables : [...secretVariables, tokenEnv];
  return names.flatMap((name) => variableNamed(env, name) ?? []);
}
