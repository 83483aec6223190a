// A broken server on purpose: it forgets every client id, so that a retry is stored again, and answers late, so that a
// kill leaves much to be retried. Tests must catch it; nobody else may run it.
import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { Deferred } from '../../dist/common/index.js';
import { loadEnvironment } from '../../dist/config/index.js';
import { createApp } from '../../dist/create-app.js';
import { JournalService } from '../../dist/journal/index.js';

/** Milliseconds from the commit to the acknowledgement. */
const ANSWER_DELAY = 20;

function late(result) {
  const answer = new Deferred();
  const settle = ({ ok, value, error }) => (ok ? answer.resolve(value) : answer.reject(error));
  result.onSettled((outcome) => setTimeout(settle, ANSWER_DELAY, outcome));
  return answer;
}

const config = loadEnvironment();
const app = await createApp(config);
const journal = app.get(JournalService);
const submit = journal.submit.bind(journal);
journal.submit = (request, origin) => late(submit({ ...request, clientId: randomUUID() }, origin));
await app.listen(config.http.port, config.http.host);
process.stdout.write('Rookery is ready, and broken\n');
