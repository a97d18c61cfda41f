/** Where the pages of docs/ are published: GitLab renders them in the project. */
export const documentationUrl = 'https://gitlab.com/aws-oidc/aws-oidc/-/blob/main/docs';
