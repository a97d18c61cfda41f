import type { Command } from 'commander';
import type { CodeArtifactTokenFlags } from '../commands/service-tokens/codeartifact-token.ts';
import type { EksTokenFlags } from '../commands/service-tokens/eks-token.ts';
import type { CommandLineIo } from '../system/io.ts';
import type { Finish } from './session-commands.ts';
import type { Flags } from './shared-flags.ts';

/** Adds the commands that turn AWS credentials into a token for another tool. */
export function addServiceTokenCommands(program: Command, io: CommandLineIo, finish: Finish): void {
  program
    .command('eks-token')
    .description('Print a token for an EKS cluster, as a credential plugin of kubectl.')
    .requiredOption('--cluster <name>', 'name of the cluster')
    .option('--region <region>', "AWS region (default: AWS_REGION, or the profile's)")
    .addHelpText('after', eksTokenHelp)
    .action(async (flags: Flags) => {
      const { eksTokenCommand } = await import('../commands/service-tokens/eks-token.ts');
      finish(await eksTokenCommand(io, flags as unknown as EksTokenFlags));
    });
  program
    .command('codeartifact-token')
    .description('Print a token for the repositories of a CodeArtifact domain.')
    .requiredOption('--domain <name>', 'name of the domain')
    .option('--domain-owner <id>', "account of the domain (default: the credentials' account)")
    .option(
      '--duration <duration>',
      'lifetime of the token, 900 to 43200 seconds, or for example 15m or 1h (default: as the session)',
    )
    .option('--region <region>', "AWS region of the domain (default: AWS_REGION, or the profile's)")
    .addHelpText('after', codeArtifactTokenHelp)
    .action(async (flags: Flags) => {
      const { codeArtifactTokenCommand } = await import('../commands/service-tokens/codeartifact-token.ts');
      finish(await codeArtifactTokenCommand(io, flags as unknown as CodeArtifactTokenFlags));
    });
}

const eksTokenHelp = `
AWS credentials are those that the AWS CLI would use. Nothing is sent: the token is a signed URL of
STS, which the cluster calls. AWS_ENDPOINT_URL_STS is ignored, because EKS would not accept it.

Exit codes: 0 done; 1 refused or failed; 2 invalid input.

Example:
  aws-oidc eks-token --cluster shop --region eu-central-1
`;

const codeArtifactTokenHelp = `
AWS credentials are those that the AWS CLI would use. Standard output has only the token.

Exit codes: 0 done; 1 refused or failed; 2 invalid input; 75 temporary failure.

Example:
  token="$(aws-oidc codeartifact-token --domain acme --domain-owner 111111111111)"
`;
