import { Latencies } from '../lib/latencies.js';
import { ready, serve } from '../lib/rpc.js';
import type { Row } from './journal/journal.js';
import { openJournal } from './journal/open-journal.js';

/** The store alone, the same rows, one transaction after another: what is left when there is no server. */
const CONVERSATIONS = 32;
const CONTENT = 'x'.repeat(200);

const journal = await openJournal();
let made = 0;

function row(): Row {
  const sender = `user-${made % (2 * CONVERSATIONS)}`;
  const body = JSON.stringify({ kind: 'text', content: CONTENT });
  return {
    conversation: `dm:a${made % CONVERSATIONS}:b${made % CONVERSATIONS}`,
    sender,
    clientId: `run-${sender}-${made++}`,
    body,
    time: Date.now(),
    seq: 0,
  };
}

async function loop({ seconds, rows }: { seconds: number; rows: number }): Promise<unknown> {
  const latencies = new Latencies();
  const start = performance.now();
  let operations = 0;
  let now = start;
  while (now - start < seconds * 1000) {
    await journal.commit(Array.from({ length: rows }, row));
    operations += rows;
    const end = performance.now();
    latencies.add(end - now);
    now = end;
  }
  const { p50, p99 } = latencies.summary();
  return { operations, seconds: (now - start) / 1000, p50, p99 };
}

serve({ loop });
ready();
