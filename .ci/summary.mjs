// Prints what failed, and what Jest counted; fails unless a test was run and all passed.
import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';

const [path = ''] = process.argv.slice(2);
const results = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
const { numPassedTests: passed = 0, numFailedTests = 0, numRuntimeErrorTestSuites = 0, testResults = [] } = results;
// A suite that could not be loaded has no tests to count.
const failed = numFailedTests + numRuntimeErrorTestSuites;

for (const { name, status, assertionResults } of testResults) {
  if (status === 'failed') console.log(`failed: ${relative('.', name)}`);
  for (const test of assertionResults) if (test.status === 'failed') console.log(`  ${test.fullName}`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = passed > 0 && failed === 0 ? 0 : 1;
