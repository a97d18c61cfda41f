declare const AWS_OIDC_VERSION: string | undefined;

/** The version of the package, which the build inserts. */
export const version = typeof AWS_OIDC_VERSION === 'string' ? AWS_OIDC_VERSION : 'development';
