import type { ClientLog } from './client-log.js';
import { CONTROLS, unnoticed } from './controls.js';
import { checkLog, type LogVerdict, type Owed } from './log-checker.js';
import type { Population } from './population.js';
import type { StoredTruth } from './truth.js';

export interface Judgement {
  logs: number;
  entries: number;
  events: number;
  acknowledgements: number;
  repeated: number;
  faults: string[];
}

/** Every log against the database, and the checker against spoiled logs. */
export async function judge(
  stored: StoredTruth,
  population: Population,
  others: readonly ClientLog[],
): Promise<Judgement & { controls: string }> {
  const members = await stored.members();
  const { truth, faults } = await stored.entries();
  const total: Judgement = {
    logs: 0,
    entries: [...truth.entries.values()].reduce((sum, entries) => sum + entries.length, 0),
    events: 0,
    acknowledgements: 0,
    repeated: 0,
    faults: [...faults],
  };
  for (const client of population.clients)
    add(total, client.log, checkLog(client.log.read(), truth, population.owedTo(client, members)));
  for (const log of others) add(total, log, checkLog(log.read(), truth, new Map()));
  return { ...total, controls: control(population, truth, members) };
}

function add(total: Judgement, { name }: ClientLog, verdict: LogVerdict): void {
  total.logs++;
  total.events += verdict.events;
  total.acknowledgements += verdict.acknowledgements;
  total.repeated += verdict.repeated;
  total.faults.push(...verdict.faults.map((fault) => `${name}: ${fault}`));
}

function control(
  population: Population,
  truth: Parameters<typeof checkLog>[1],
  members: Parameters<Population['owedTo']>[1],
): string {
  const client = population.clients[0];
  if (!client) return 'no log to spoil';
  const owed: Owed = population.owedTo(client, members);
  const missed = unnoticed(client.log.read(), truth, owed);
  return missed.length === 0
    ? `${CONTROLS} of ${CONTROLS} spoiled logs were noticed`
    : `NOT noticed: ${missed.join(', ')}`;
}
