import { type Container, type RawContainer, toContainer } from './container.ts';
import type { Scrubber, ScrubContext } from './scrub.ts';

/** The identity that the CLI finds. */
type Identity = { readonly arn: string; readonly by: string } | { readonly none: string };

/** A line written by stubs/stub.py. */
export interface RawCall extends RawContainer {
  readonly kind: 'call' | 'recipe';
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly tokens?: Readonly<Record<string, string>>;
  readonly stdin?: string | null;
  readonly look?: {
    readonly identity: Identity;
    readonly region: string | null;
    readonly profiles: Readonly<Record<string, Identity & { readonly region: string | null }>>;
  };
}

/** The region that SDKs find; undefined if they find none. */
export interface Region {
  readonly AWS_REGION?: string | undefined;
  readonly AWS_DEFAULT_REGION?: string | undefined;
  readonly profile?: string | undefined;
}

/** One call of a program, in a form that can be compared with another run. */
export interface Call {
  readonly phase: 'script' | 'after_script';
  readonly program: string;
  readonly args: readonly string[];
  readonly directory: string;
  /** The ARN of the session and the token that it was issued for, or `none`. */
  readonly identity: string;
  /** The identity and region of each profile, by name. */
  readonly profiles: Readonly<Record<string, string>>;
  readonly region: Region;
  /** The values of the key variables; empty if none is set. */
  readonly keys: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
  readonly stdin: string | null;
  readonly container: Container | null;
}

const keyNames = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_SECURITY_TOKEN'];

/** Variables that are compared in another way, or that always differ. */
const ignored = new RegExp(
  [
    '^AWS_OIDC_',
    '^CI_JOB_JWT',
    '^(CI_JOB_ID|CI_BUILD_ID|CI_CONCURRENT_ID|CI_CONCURRENT_PROJECT_ID)$',
    '^(FF_|RUNNER_|CI_RUNNER_)',
    '^(BASH.*|PWD|OLDPWD|SHLVL|_|CONFIG_FILE|GITLAB_ENV|GITLAB_OIDC_TOKEN)$',
    `^(${keyNames.join('|')})$`,
    '^AWS_(REGION|DEFAULT_REGION|ROLE_ARN|ROLE_SESSION_NAME|WEB_IDENTITY_TOKEN_FILE)$',
    '^AWS_(CONFIG_FILE|SHARED_CREDENTIALS_FILE|ENDPOINT_URL_STS|EC2_METADATA_DISABLED)$',
  ].join('|'),
);

export function toCall(raw: RawCall, scrubber: Scrubber): Call {
  const { env, look } = raw;
  if (look?.identity === undefined) throw new Error(`the AWS CLI does not say who ${raw.program} is`);
  const context: ScrubContext = { jobId: env.CI_JOB_ID, tokens: raw.tokens ?? {} };
  const text = (value: string) => scrubber.text(value, context);
  const names = Object.keys(env);
  const pick = (wanted: (name: string) => boolean) =>
    scrubber.values(Object.fromEntries(names.filter(wanted).map((name) => [name, env[name]])), context);
  return {
    phase: ['success', 'failed', 'canceled'].includes(env.CI_JOB_STATUS ?? '') ? 'after_script' : 'script',
    program: raw.program,
    args: raw.args.map(text),
    directory: text(raw.cwd),
    identity: text(identityOf(look.identity)),
    profiles: scrubber.values(
      Object.fromEntries(
        Object.entries(look.profiles).map(([name, profile]) => [
          name,
          `${identityOf(profile)}${profile.region ? ` in ${profile.region}` : ''}`,
        ]),
      ),
      context,
    ),
    region: {
      AWS_REGION: env.AWS_REGION || undefined,
      AWS_DEFAULT_REGION: env.AWS_DEFAULT_REGION || undefined,
      profile: look.region || undefined,
    },
    keys: pick((name) => keyNames.includes(name)),
    env: pick((name) => !ignored.test(name)),
    files: Object.fromEntries(
      Object.entries(raw.files ?? {}).map(([path, content]) => [text(path), text(content)]),
    ),
    stdin: raw.stdin == null ? null : text(raw.stdin),
    container: toContainer(raw, (value) => text(value)),
  };
}

function identityOf(identity: Identity): string {
  if (!('arn' in identity)) return 'none';
  return identity.by === '' ? identity.arn : `${identity.arn} by ${decodeURIComponent(identity.by)}`;
}
