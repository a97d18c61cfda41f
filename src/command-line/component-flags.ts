import { version } from './version.ts';

/** The path of the components, on the instance of the pipeline. */
export const defaultComponent = '$CI_SERVER_FQDN/aws-oidc/aws-oidc';

/** Run from the sources, the program has no version to include. */
export const defaultVersion = version === 'development' ? '1' : version;
