import { defineConfig } from 'vitest/config';
import config from './vitest.config.ts';

/** The tests that run the sources in their own process: no other test sees what was changed there. */
export default defineConfig({
  test: {
    ...config.test,
    include: [
      'test/exchange/**/*.test.ts',
      'test/hand-off/**/*.test.ts',
      'test/output/**/*.test.ts',
      'test/text/**/*.test.ts',
      'test/system/private-file.test.ts',
      'test/system/edit-private-file.test.ts',
      'test/identity/arn.test.ts',
      'test/commands/session/{assume-role,assume-role-faults,assume-role-errors,destination}.test.ts',
    ],
  },
});
