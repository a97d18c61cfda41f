import { editProfile, profileSection, profileSettings } from './profile.ts';
import { quotePosix } from './quote.ts';
import type { Session } from './session.ts';

/** The paths of the AWS CLI's two files. */
export interface ProfileFiles {
  readonly credentials: string;
  readonly config: string;
}

/**
 * Several sessions as profiles of the AWS CLI, and shell lines that select these files; AWS_PROFILE is set to
 * the first profile.
 *
 * @param files where the texts will be written
 * @throws {AwsOidcError} `HAND_OFF_FAILED` if a value cannot be written as one line
 */
export function formatProfiles(
  sessions: readonly (readonly [profile: string, Session])[],
  files: ProfileFiles,
) {
  let credentials = '';
  let config = '';
  for (const [profile, session] of sessions) {
    credentials = editProfile(credentials, profile, profileSettings(session, false));
    config = editProfile(config, profileSection(profile, true), { region: session.region });
  }
  return { credentials, config, environment: shellLines(files, sessions[0]?.[0] ?? '') };
}

function shellLines({ credentials, config }: ProfileFiles, profile: string): string {
  const exported = {
    AWS_SHARED_CREDENTIALS_FILE: credentials,
    AWS_CONFIG_FILE: config,
    AWS_PROFILE: profile,
  };
  const lines = Object.entries(exported).map(([name, value]) => `export ${name}=${quotePosix(value)}\n`);
  // keys in the environment override every profile
  return `${lines.join('')}unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN\n`;
}
