// count-tests.mjs FILE: the counts of a run from vitest's JSON report. Ends with 1 where the run
// proves less than it should.
import { readFileSync } from 'node:fs';

const { passed, failed, skipped } = count(process.argv[2]);
console.log(`${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`);
if (passed === 0) end('no test has passed');
if (failed > 0) end('tests');
if (skipped > 0 && process.env.CI === 'true') end('skipped tests, which CI=true does not allow');

function count(file) {
  try {
    const report = JSON.parse(readFileSync(file, 'utf8'));
    // A file that cannot be loaded has no tests that could fail: it counts as one.
    const broken = report.testResults.filter(
      ({ status, assertionResults }) =>
        status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
    ).length;
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests + broken,
      skipped: report.numPendingTests + report.numTodoTests,
    };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

function end(because) {
  console.log(because);
  process.exit(1);
}
