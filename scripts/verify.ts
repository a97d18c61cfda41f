import { root } from './bundle/bundle.ts';
import { type Check, checkCommitted } from './bundle/committed.ts';
import { buildOutputs } from './bundle/outputs.ts';

/** Checks that the committed dist/ and templates/ match the committed sources; exits with 1 if they do not. */
const checks = await buildOutputs().then(
  (outputs) => checkCommitted(root, outputs),
  (error: Error): readonly Check[] => [[`the sources can be built: ${error.message}`, false]],
);
for (const [text, passed] of checks) console.log(`${passed ? 'ok  ' : 'FAIL'} ${text}`);
if (checks.some(([, passed]) => !passed)) {
  console.error(
    '\nRun "npm run build" and commit the result. If you did not change the sources, find out who did.',
  );
  process.exitCode = 1;
}
