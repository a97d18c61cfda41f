import { descendants, programOf } from '../../shell/script.ts';
import type { Step } from './reading.ts';
import type { Surroundings } from './surroundings.ts';

/** Programs that run no code of the repository. */
const outsiders = new Set(
  'aws echo printf cat ls cd mkdir cp mv rm test [ true false export set unset : pwd date grep sed awk cut tr head tail sort jq yq find tar zip unzip gzip chmod touch env which command type sleep exit wait read tee wc basename dirname mktemp git apk apt-get apt yum dnf pip pip3 curl wget'.split(
    ' ',
  ),
);

/** Does a job run a program that may run code of the repository? */
export function runsRepository(kept: readonly Step[]): boolean {
  return kept.some(({ command }) =>
    [...descendants(command.node)].some((node) => {
      if (node.type !== 'Command' || node.name === undefined) return false;
      const program = programOf(node);
      return program === undefined || !outsiders.has(program);
    }),
  );
}

/** Scripts that a job runs by path, and that the repository does not contain. */
export function missingScripts({ kept, repository }: Surroundings): readonly string[] {
  const paths = kept.flatMap(({ command }) => [
    ...command.text.matchAll(/(?:^|[\s;&|(])\.\/([\w./-]+\.(?:sh|bash|py|js|mjs|rb|pl))\b/g),
  ]);
  return [...new Set(paths.map(([, path]) => path ?? ''))].filter((path) => !repository.has(path));
}

/** Does a command run a program that uses AWS? */
export function usesAws({ command }: Step): boolean {
  return [...descendants(command.node)].some((node) => awsPrograms.has(programOf(node) ?? ''));
}

const awsPrograms = new Set(
  'aws terraform tofu terragrunt cdk sam serverless sls pulumi packer ansible-playbook eksctl copilot s3cmd boto3 ecs-deploy eb'.split(
    ' ',
  ),
);
