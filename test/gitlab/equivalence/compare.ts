import type { Call, Region } from './call.ts';
import type { JobRun, PipelineRun } from './run.ts';

/** A difference between two runs. */
export interface Difference {
  readonly job: string;
  /** The program and its arguments; empty if the difference is about the job. */
  readonly call: string;
  readonly what: string;
  readonly before: string;
  readonly after: string;
}

/** The differences between two runs. */
export interface Comparison {
  readonly differences: readonly Difference[];
  /** Harmless differences, such as keys that are no longer in the environment of a program with an SDK. */
  readonly remarks: readonly Difference[];
}

/** A difference, and whether it is harmless. */
type Finding = Omit<Difference, 'job'> & { readonly harmless?: boolean };

/**
 * Compares what the jobs of a pipeline did before and after.
 *
 * @param anyAudience whether a token without an audience may have one after the migration
 * @param again a second run of the original pipeline: what differs between these two is not compared
 */
export function compareRuns(
  before: PipelineRun,
  after: PipelineRun,
  { anyAudience = false, again }: { readonly anyAudience?: boolean; readonly again?: PipelineRun } = {},
): Comparison {
  const unstable = new Set(again && compareRuns(before, again).differences.map(keyOf));
  const [was, is] = [before, after].map((run) => (anyAudience ? withoutAudience(run) : run)) as [
    PipelineRun,
    PipelineRun,
  ];
  const names = new Set([...was.jobs, ...is.jobs].map(({ name }) => name));
  const find = ({ jobs }: PipelineRun, name: string) => jobs.find((job) => job.name === name);
  const naming = tokenNaming(was, is);
  const findings = [...names].flatMap((name) =>
    compareJobs(find(was, name), find(is, name), naming).map((finding) => ({ job: name, ...finding })),
  );
  const strip = ({ harmless: _, ...difference }: (typeof findings)[number]): Difference => difference;
  return {
    differences: findings.filter((one) => !one.harmless && !unstable.has(keyOf(one))).map(strip),
    remarks: findings.filter(({ harmless }) => harmless).map(strip),
  };
}

const keyOf = ({ job, call, what }: Omit<Difference, 'before' | 'after'>) =>
  JSON.stringify([job, call, what]);

const withoutAudience = (run: PipelineRun) =>
  JSON.parse(
    JSON.stringify(run).replace(/<jwt (without aud|aud=https:\/\/gitlab\.com)>/g, '<jwt>'),
  ) as PipelineRun;

function compareJobs(
  before: JobRun | undefined,
  after: JobRun | undefined,
  naming: Naming,
): readonly Finding[] {
  if (before === undefined || after === undefined) {
    // a job that only logged in for other jobs, before or after
    const loggedIn = before === undefined ? after?.state === 'success' : before.recipes > 0;
    const harmless = loggedIn && [before, after].every((job) => job?.calls.every(isQuestion) ?? true);
    return [
      { call: '', what: 'job', before: before?.state ?? 'none', after: after?.state ?? 'none', harmless },
    ];
  }
  const findings: Finding[] = [];
  if (before.state !== after.state || before.exitCode !== after.exitCode) {
    const outcome = ({ state, exitCode }: JobRun) => `${state} (${exitCode})`;
    findings.push({
      call: '',
      what: 'outcome',
      before: outcome(before),
      after: `${outcome(after)}\n${after.log.slice(-1500)}`,
    });
  }
  return [
    ...findings,
    ...compareDotenv(before, after, naming),
    ...compareCalls(before.calls, after.calls, naming),
  ];
}

const isQuestion = ({ args }: Call) => args.includes('get-caller-identity');

/** The variables that contain tokens, before and after. */
class Naming {
  readonly #names: RegExp;

  constructor(names: readonly string[]) {
    this.#names = new RegExp(`\\b(${names.join('|')})\\b`, 'g');
  }

  /** The same for all names. */
  text(text: string): string {
    return text.replace(this.#names, '<name of a token>');
  }

  /** Names in the arguments of a container that has no such variable. */
  unset({ container, args }: Call): readonly string[] {
    if (container === null) return [];
    const names = withoutEnvironment(args).flatMap((arg) => arg.match(this.#names) ?? []);
    return names.filter((name) => container.environment[name] === undefined);
  }
}

function tokenNaming(before: PipelineRun, after: PipelineRun): Naming {
  const environments = ({ jobs }: PipelineRun) => jobs.flatMap(({ calls }) => calls.map(({ env }) => env));
  const old = new Set(environments(before).flatMap((env) => Object.keys(env)));
  const added = environments(after).flatMap((env) =>
    Object.entries(env).flatMap(([name, value]) =>
      value.startsWith('<jwt') && !old.has(name) ? [name] : [],
    ),
  );
  return new Naming(['CI_JOB_JWT(?:_V[12])?', 'GITLAB_OIDC_TOKEN', ...new Set(added)]);
}

function compareDotenv(
  { dotenv: before }: JobRun,
  { dotenv: after }: JobRun,
  naming: Naming,
): readonly Finding[] {
  return changes(before ?? {}, after ?? {}).map(([name, was, is]) => ({
    ...{ call: '', what: `dotenv ${name}`, before: was ?? 'unset', after: is ?? 'unset' },
    harmless:
      was === undefined ||
      /^<(key|secret|session token) of /.test(was) ||
      naming.text(was) === naming.text(is ?? ''),
  }));
}

const title = ({ phase, program, args, container }: Call) => {
  // the options for environment variables are compared separately
  const words = [program, ...(container === null ? args : withoutEnvironment(args))];
  return `${phase === 'script' ? '' : '(after_script) '}${words.join(' ')}`;
};

const withoutEnvironment = (args: readonly string[]) =>
  args.filter(
    (arg, index) =>
      !/^(-e$|-e[A-Z_]+(=|$)|--env$|--env=|--build-arg$|--build-arg=)/.test(arg) &&
      !/^(-e|--env|--build-arg)$/.test(args[index - 1] ?? ''),
  );

function compareCalls(before: readonly Call[], after: readonly Call[], naming: Naming): readonly Finding[] {
  const left = [...after];
  const pairs: [Call, Call][] = [];
  const pairUp = (calls: readonly Call[], same: (call: Call, other: Call) => boolean) =>
    calls.filter((call) => {
      const index = left.findIndex((other) => same(call, other));
      const [other] = index === -1 ? [] : left.splice(index, 1);
      if (other !== undefined) pairs.push([call, other]);
      return other === undefined;
    });
  const others = pairUp(before, (call, other) => title(call) === title(other));
  const exact = pairs.length;
  const unmatched = pairUp(others, (call, other) => naming.text(title(call)) === naming.text(title(other)));
  const inPlace = pairs.toSorted(([one], [other]) => before.indexOf(one) - before.indexOf(other));
  const places = inPlace.map(([, call]) => after.indexOf(call));
  const inOrder = places.every((place, index) => index === 0 || place > (places[index - 1] ?? 0));
  return [
    ...pairs.slice(0, exact).flatMap(([was, is]) => compareCall(was, is, before, naming)),
    ...pairs.slice(exact).flatMap(([was, is]) => compareRenamed(was, is, before, naming)),
    ...unmatched.map((call) => {
      const index = left.findIndex(({ phase, program }) => phase === call.phase && program === call.program);
      const [alike] = index === -1 ? [] : left.splice(index, 1);
      return {
        call: title(call),
        what: 'call',
        before: title(call),
        after: alike ? title(alike) : 'not made',
      };
    }),
    ...left.map((call) => ({ call: title(call), what: 'call', before: 'not made', after: title(call) })),
    ...(inOrder
      ? []
      : [
          {
            ...{ call: '', what: 'order', before: inPlace.map(([call]) => title(call)).join('\n') },
            after: after.map(title).join('\n'),
          },
        ]),
  ];
}

/** Calls whose arguments mention a token variable, under another name than before. */
function compareRenamed(before: Call, after: Call, all: readonly Call[], naming: Naming): readonly Finding[] {
  const [was, is] = [before, after].map((call) => JSON.parse(naming.text(JSON.stringify(call))) as Call);
  const finding = {
    call: title(before),
    what: 'name of a token',
    before: title(before),
    after: title(after),
  };
  // a script beside the options of a container must go on to find its variable
  const harmless = naming.unset(before).length > 0 || naming.unset(after).length === 0;
  return [{ ...finding, harmless }, ...(was && is ? compareCall(was, is, all, naming) : [])];
}

function compareCall(before: Call, after: Call, all: readonly Call[], naming: Naming): readonly Finding[] {
  const call = title(before);
  const of = (
    kind: (name: string) => string,
    was: Record<string, string> = {},
    is: Record<string, string> = {},
  ) => changes(was, is).map(([name, old, present]) => [kind(name), old, present] as const);
  const texts: readonly (readonly [string, string | undefined, string | undefined])[] = [
    ['directory', before.directory, after.directory],
    ['standard input', before.stdin ?? '', after.stdin ?? ''],
    ...of((name) => `file ${name}`, before.files, after.files),
    ...of(
      (name) => `variable ${name} of the container`,
      before.container?.environment,
      after.container?.environment,
    ),
    ...of((name) => `mounted ${name}`, before.container?.mounts, after.container?.mounts),
  ];
  const findings = texts
    .filter(([, was, is]) => was !== is)
    .map(([what, was = 'unset', is = 'unset']) => {
      return {
        what,
        before: was,
        after: is,
        harmless: what.startsWith('file ') && naming.text(was) === naming.text(is),
      };
    });
  return [
    ...findings,
    ...compareIdentity(before, after, all),
    ...compareRegion(before.region, after.region),
    ...compareVariables(before, after, naming),
  ].map((finding) => ({ call, ...finding }));
}

type Found = Omit<Finding, 'call'>;

/** A session name may differ if an SDK generated it before. */
const sameIdentity = (before: string, after = '') => {
  const role = before.replace(/\/botocore-session-<n>/, '');
  return (
    before === after || (role !== before && after.replace(/(assumed-role\/[^/]+)\/[^/ ]+/, '$1') === role)
  );
};

/** Programs that do not use AWS. */
const strangers: readonly string[] = ['curl', 'wget', 'ssh', 'scp', 'sftp', 'rsync', 'git', 'gh', 'glab'];

function compareIdentity(before: Call, after: Call, all: readonly Call[]): readonly Found[] {
  const found: Found[] = [];
  if (!sameIdentity(before.identity, after.identity)) {
    // a login at the beginning also gives credentials to earlier calls
    const early = before.identity === 'none' && all.some(({ identity }) => identity === after.identity);
    const harmless = early || strangers.includes(before.program);
    found.push({ what: 'identity', before: before.identity, after: after.identity, harmless });
  }
  for (const [name, was, is] of changes(before.profiles, after.profiles)) {
    if (was === undefined || was.startsWith('none') || sameIdentity(was, is)) continue;
    found.push({
      what: `profile ${name}`,
      before: was,
      after: is ?? 'none',
      harmless: name === 'default' || strangers.includes(before.program),
    });
  }
  for (const [name, was, is] of changes(before.keys, after.keys)) {
    const harmless = was === undefined || is === undefined;
    found.push({ what: `variable ${name}`, before: was ?? 'unset', after: is ?? 'unset', harmless });
  }
  return found;
}

/** Where SDKs look for the region: boto3 and version 1 of the CLI; the SDKs for Go, Java and JavaScript; version 2. */
const families: Readonly<Record<string, (region: Region) => string | undefined>> = {
  'region of boto3': (region) => region.AWS_DEFAULT_REGION ?? region.profile,
  'region of the SDK for Go': (region) => region.AWS_REGION ?? region.profile,
  'region of the AWS CLI': (region) => region.AWS_REGION ?? region.AWS_DEFAULT_REGION ?? region.profile,
};

function compareRegion(before: Region, after: Region): readonly Found[] {
  const any = before.AWS_REGION ?? before.AWS_DEFAULT_REGION ?? before.profile;
  return Object.entries(families).flatMap(([what, region]) => {
    const [was, is] = [region(before), region(after)];
    if (was === is) return [];
    // an SDK that found no region before now finds the one that others found
    return [{ what, before: was ?? 'none', after: is ?? 'none', harmless: was === undefined && is === any }];
  });
}

/** Variables that components set in addition to the credentials. */
const added =
  /^AWS_(ASSUMED_ROLE_ARN|ACCOUNT_ID|CREDENTIAL_EXPIRATION|SESSION_EXPIRATION|PROFILE|STS_REGIONAL_ENDPOINTS)$/;

/** A response of STS that was exported, and from which the keys were extracted. */
const isAnswer = (text: string) => /<key of /.test(text) && /<secret of /.test(text);

/** A text, such as a command, that contains a token in the jobs that need it; not a variable that is the token. */
const isTextWithout = (was: string, is: string) =>
  is !== '' && is === was.replace(/<jwt[^>]*>/g, '') && is.length > 1;

function compareVariables(before: Call, after: Call, naming: Naming): readonly Found[] {
  return changes(before.env, after.env).flatMap(([name, was, is]) => {
    // a token that was declared
    if (was === undefined && is?.startsWith('<jwt')) return [];
    const harmless =
      (was === undefined && added.test(name)) ||
      (was !== undefined && is === undefined && isAnswer(was)) ||
      (was !== undefined && is !== undefined && isTextWithout(was, is)) ||
      (was !== undefined && is !== undefined && naming.text(was) === naming.text(is));
    return [{ what: `variable ${name}`, before: was ?? 'unset', after: is ?? 'unset', harmless }];
  });
}

type Change = readonly [name: string, before: string | undefined, after: string | undefined];

function changes(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): readonly Change[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .map((name): Change => [name, before[name], after[name]])
    .filter(([, was, is]) => was !== is);
}
