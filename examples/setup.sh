#!/bin/sh
# Typical calls of "aws-oidc setup" and "aws-oidc audit". Each block works on its own: copy what you need, and replace
# profiles, accounts and names. Run setup in a clone of the project.

# Show the plan: the identity provider, the role, the include, and which jobs could assume the role. On a terminal,
# setup then asks whether to make the changes.
npx gitlab-aws-oidc setup

# The role may do nothing until it has a policy: attach a managed one, add your own, and use another AWS profile.
npx gitlab-aws-oidc setup --profile dev --policy-arn arn:aws:iam::aws:policy/ReadOnlyAccess --policy policy.json --yes

# A role for releases: only protected tags that begin with v can assume it.
npx gitlab-aws-oidc setup --role-name shop-release --tag 'v*' --duration 2h --yes

# On your own instance. A token in GITLAB_TOKEN is sent only to the instance in GITLAB_HOST.
GITLAB_HOST=gitlab.example.com npx gitlab-aws-oidc setup --branch main --yes

# Write Terraform instead. With --account, this needs no AWS credentials.
npx gitlab-aws-oidc setup --account 111111111111 --output terraform > role.tf

# In a script or a CI/CD job, where nobody can answer: make the changes, leave the pipeline alone, report in JSON.
npx gitlab-aws-oidc setup --yes --no-pipeline --format json > setup.json

# Which roles of the account trust OpenID Connect issuers, and which of them trust too much?
npx gitlab-aws-oidc audit --profile dev

# The same for every account of the organization, through a role that each of them has.
npx gitlab-aws-oidc audit --organization-role OrganizationAccountAccessRole --parallel 10

# Offline, from a file that somebody with access made; the report is for a code scanner.
aws iam get-account-authorization-details > roles.json
npx gitlab-aws-oidc audit roles.json --format sarif > audit.sarif

# Accept what is known today, whatever it is; from now on, fail only for something new.
npx gitlab-aws-oidc audit --write-baseline known-roles.json || echo "See above."
npx gitlab-aws-oidc audit --baseline known-roles.json
