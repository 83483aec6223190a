// Prints what failed and the counts of Vitest's JSON report; fails when a test failed or none ran.
import { readFileSync } from 'node:fs';

const MESSAGE_LINES = 12;

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const tests = report.testResults.flatMap((file) => {
  const name = file.name.split('/').slice(-3).join('/');
  const results = file.assertionResults.map(({ status, fullName, failureMessages }) => ({
    status,
    title: `${name} > ${fullName}`,
    messages: failureMessages,
  }));
  // A file that could not be loaded, or whose hooks failed, has no failed test of its own.
  const broken = file.status === 'failed' && !results.some(({ status }) => status === 'failed');
  return broken ? [...results, { status: 'failed', title: name, messages: [file.message] }] : results;
});
const count = (status) => tests.filter((test) => test.status === status).length;

for (const { title, messages } of tests.filter(({ status }) => status === 'failed')) {
  console.log(`FAILED ${title}`);
  for (const message of messages) console.log(message.split('\n').slice(0, MESSAGE_LINES).join('\n'));
}
const [passed, failed] = [count('passed'), count('failed')];
const skipped = tests.length - passed - failed;
if (skipped > 0) console.log(`(${skipped} skipped)`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 || !report.success ? 1 : 0;
