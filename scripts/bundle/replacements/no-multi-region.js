export const SignatureV4MultiRegion = { sigv4aDependency: () => 'none' };
