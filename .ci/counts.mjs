// Prints the counts of Vitest's JSON report; fails when a test failed or none ran.
import { readFileSync } from 'node:fs';

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const results = report.testResults.flatMap((file) => {
  // A file that could not be loaded, or whose hooks failed, has no failed test of its own.
  const broken = file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed');
  return [...file.assertionResults.map(({ status }) => status), ...(broken ? ['failed'] : [])];
});
const count = (status) => results.filter((result) => result === status).length;

const [passed, failed] = [count('passed'), count('failed')];
const skipped = results.length - passed - failed;
if (skipped > 0) console.log(`(${skipped} skipped)`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 || !report.success ? 1 : 0;
