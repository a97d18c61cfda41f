/** The URL of docs/: GitLab renders the pages in the project. */
export const documentationUrl = 'https://gitlab.com/aws-oidc/aws-oidc/-/blob/main/docs';
