import { readFileSync, readdirSync } from 'node:fs';
import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { WatchedServer } from './watched-server.js';

const MEBIBYTE = 1024 ** 2;
const CLOCK_TICKS_PER_SECOND = 100;

/** What a server holds at one moment, after a garbage collection. */
export interface Footprint {
  heapUsed: number;
  rss: number;
  fds: number;
  /** What keeps the event loop alive, by kind: timers, sockets, requests. */
  resources: Record<string, number>;
  /** Gauges of `/metrics` by name. */
  gauges: Record<string, number>;
  /** Seconds of processor time since its start. */
  cpu: number;
}

export async function footprintOf(server: WatchedServer): Promise<Footprint> {
  const gauges = await readGauges(server);
  // The connection of that request is gone from both sides a moment later.
  await delay(200);
  // What finalizers let go of in the first round is collected in the second.
  await server.inspector.collectGarbage();
  await server.inspector.collectGarbage();
  const { heapUsed, rss, resources } = await server.inspector.evaluate<{
    heapUsed: number;
    rss: number;
    resources: string[];
  }>(
    '({ heapUsed: process.memoryUsage().heapUsed, rss: process.memoryUsage().rss, resources: process.getActiveResourcesInfo() })',
  );
  const fds = readdirSync(`/proc/${server.pid}/fd`).length;
  return { heapUsed, rss, fds, resources: countEach(resources), gauges, cpu: cpuSeconds(server.pid) };
}

export function describe({ heapUsed, rss, fds, resources, gauges }: Footprint): string {
  const kinds = Object.entries(resources).map(([kind, count]) => `${kind} ${count}`);
  return [
    `heap ${(heapUsed / MEBIBYTE).toFixed(1)} MiB`,
    `rss ${(rss / MEBIBYTE).toFixed(0)} MiB`,
    `fds ${fds}`,
    `connections ${gauges['rookery_connections'] ?? '?'}`,
    kinds.sort().join(', '),
  ].join(' | ');
}

/** Seconds of processor time that a process has used. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_SECOND;
}

export const metricsOf = ({ port }: WatchedServer): Promise<string> => get(port, '/metrics');

async function readGauges(server: WatchedServer): Promise<Record<string, number>> {
  const text = await metricsOf(server);
  const names = [...text.matchAll(/^# TYPE (\S+) gauge$/gm)].map(([, name]) => name as string);
  const values = names.flatMap((name) => {
    const value = new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1];
    return value === undefined ? [] : [[name, Number(value)] as const];
  });
  return Object.fromEntries(values);
}

/** On a connection of its own, which is closed with the answer: it must not count among what is open. */
function get(port: number, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    request({ port, path, host: '127.0.0.1', agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.once('end', () => resolve(text)).once('error', reject);
    })
      .once('error', reject)
      .end();
  });
}

function countEach(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
