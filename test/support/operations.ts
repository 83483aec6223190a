import { setTimeout as delay } from 'node:timers/promises';
import type { TestServer } from './server.js';

const ASK_AGAIN = 20;

/** Status of a GET; 0 when nobody answers. */
export async function statusOf(server: TestServer, path: string): Promise<number> {
  return fetch(`${server.url}${path}`).then(
    async (response) => {
      await response.arrayBuffer();
      return response.status;
    },
    () => 0,
  );
}

/** Asks until the answer is this one; how often says nothing. */
export async function untilStatus(server: TestServer, path: string, status: number): Promise<void> {
  while ((await statusOf(server, path)) !== status) await delay(ASK_AGAIN);
}

/** The sum of a metric over its labels, or of those lines that contain `label`. */
export async function metricOf(server: TestServer, name: string, label = ''): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  return text
    .split('\n')
    .filter((line) => new RegExp(`^${name}[ {]`).test(line) && line.includes(label))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}
