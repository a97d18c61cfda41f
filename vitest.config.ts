import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // the tests of deadlines wait a minute each, side by side
    maxConcurrency: 16,
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/temporary-directory.ts'],
    // against programs of others, which need more than npm: npm run test:peers, npm run test:gitlab
    exclude: [
      ...(process.env.AWS_OIDC_PEERS ? [] : ['test/peers/**']),
      ...(process.env.AWS_OIDC_PEERS && process.env.AWS_OIDC_GITLAB ? [] : ['test/gitlab/**']),
    ],
    // a pipeline in a real runner takes seconds, and its first one makes a Debian
    testTimeout: process.env.AWS_OIDC_GITLAB ? 400_000 : 30_000,
    hookTimeout: process.env.AWS_OIDC_GITLAB ? 400_000 : 30_000,
    // much of the time is spent waiting for processes
    maxWorkers: '100%',
    // whatever this machine has set for AWS must not matter
    env: {
      AWS_PROFILE: '',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      NO_COLOR: '',
    },
  },
});
