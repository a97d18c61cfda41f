declare const AWS_OIDC_VERSION: string | undefined;

/** The package's version; the build puts it in. */
export const version = typeof AWS_OIDC_VERSION === 'string' ? AWS_OIDC_VERSION : 'development';
