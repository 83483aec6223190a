import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Chaos } from './chaos.js';
import { ClientLog } from './client-log.js';
import { describe, footprintOf, type Footprint } from '../lib/footprint.js';
import { Guests } from './guests.js';
import { judge } from './judgement.js';
import { footprintAtRest, leaks } from '../lib/leak-check.js';
import { Population, tokenLife } from './population.js';
import { RestCaller } from './rest.js';
import { Tally } from './tally.js';
import { Traffic } from './traffic.js';
import { StoredTruth } from './truth.js';
import { WatchedServer } from '../lib/watched-server.js';

export interface SoakOptions {
  minutes: number;
  users: number;
  /** Operations a second. */
  rate: number;
  /** Milliseconds between two disturbances, on average. */
  chaosEvery: number;
  /** Default: SQLite in the folder of the run. */
  databaseUrl?: string;
  /** Where the folder of the run is made; it stays when the run fails. */
  data: string;
  print: (line: string) => void;
}

const MINUTE = 60_000;
/** Of the load before the baseline is taken: by then every cache and every code path is warm. */
const LONGEST_WARM_UP = 2 * MINUTE;
const SHOWN_FAILURES = 20;
const CATCH_UP_PATIENCE = 120_000;
/** A dead line is noticed within seconds, so that an hour has many of them. */
const SERVER_ENV = { WS_PING_INTERVAL: '10', WS_PONG_TIMEOUT: '20', LOG_LEVEL: 'warn' };

/** Hours in short: load and disturbances, then what was logged against what is stored, and what is left behind. */
export class Soak {
  private readonly tally = new Tally();
  private readonly population: Population;
  private readonly guests: Guests;
  private readonly rest: RestCaller;
  private readonly restLog: ClientLog;
  private readonly traffic: Traffic;
  private readonly chaos: Chaos;
  private readonly stored: StoredTruth;
  private readonly began = Date.now();

  private constructor(
    private readonly server: WatchedServer,
    private readonly options: SoakOptions,
  ) {
    const { users, rate, chaosEvery } = options;
    const directory = join(server.directory, 'logs');
    const tally = (what: string): void => this.tally.add(what);
    this.population = new Population({ url: server.wsUrl, users, directory, tally });
    const { users: names, peers, active } = this.population;
    this.guests = new Guests({ url: server.wsUrl, users: names, directory, every: 5000, tokenLife, tally });
    this.stored = new StoredTruth(options.databaseUrl ?? `sqlite:${server.database}`);
    this.restLog = new ClientLog('rest', join(directory, 'rest.log'));
    this.rest = new RestCaller(server.url, this.restLog, tally);
    this.traffic = new Traffic({ clients: active, peers, rest: this.rest, rate, tally });
    this.chaos = new Chaos({ clients: this.population.clients, rest: this.rest, every: chaosEvery, tally });
  }

  /** What was not as promised. */
  static async run(options: SoakOptions): Promise<string[]> {
    const { databaseUrl, data } = options;
    const env = { ...SERVER_ENV, ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }) };
    const server = await WatchedServer.start(data, env);
    options.print(`server ${server.pid} in ${server.directory}`);
    try {
      const failures = await new Soak(server, options).run();
      if (failures.length === 0) server.removeFiles();
      return failures;
    } finally {
      await server.stop();
    }
  }

  private async run(): Promise<string[]> {
    const total = this.options.minutes * MINUTE;
    const warmUp = Math.min(LONGEST_WARM_UP, total / 4);
    await this.everybodyConnects();
    await this.load(warmUp);
    this.disconnectAll();
    const baseline = await footprintAtRest(this.server);
    this.say(`baseline: ${describe(baseline)}`);
    await this.load(total - warmUp);
    await this.catchUp();
    this.disconnectAll();
    const end = await footprintAtRest(this.server, baseline);
    this.say(`end:      ${describe(end)}`);
    await Promise.all([...this.population.clients.map(({ log }) => log.end()), this.restLog.end()]);
    return this.conclude(baseline, end);
  }

  private async everybodyConnects(): Promise<void> {
    for (const client of this.population.clients) client.connect();
    await Promise.all(this.population.clients.map(({ sdk }) => sdk.ready()));
  }

  private disconnectAll(): void {
    for (const client of this.population.clients) client.disconnect();
  }

  private async load(milliseconds: number): Promise<void> {
    for (const client of this.population.clients) client.connect();
    this.traffic.start();
    this.chaos.start();
    this.guests.start();
    const end = Date.now() + milliseconds;
    let before = await footprintOf(this.server);
    for (let at = Date.now(); at < end; at = Date.now()) {
      await delay(Math.min(MINUTE, end - at));
      before = await this.sample(before, Date.now() - at);
    }
    await Promise.all([this.traffic.stop(), this.chaos.stop(), this.guests.stop()]);
  }

  private async sample(before: Footprint, elapsed: number): Promise<Footprint> {
    const footprint = await footprintOf(this.server);
    const cpu = (((footprint.cpu - before.cpu) * 1000) / elapsed) * 100;
    this.say(`${describe(footprint)} | cpu ${cpu.toFixed(0)} % of a core`);
    this.say(`  ${this.tally.take()}`);
    return footprint;
  }

  /** Everybody comes back, sends what is left in the outboxes, and has the end of all conversations. */
  private async catchUp(): Promise<void> {
    await delay(2500);
    const { clients } = this.population;
    for (const client of clients) client.connect();
    for (const deadline = Date.now() + CATCH_UP_PATIENCE; Date.now() < deadline; await delay(1000)) {
      await Promise.all(clients.map((client) => client.catchUp().catch(() => undefined)));
      const waiting = clients.filter(({ sdk }) => sdk.pending.length > 0).length;
      const members = await this.stored.members();
      const behind = clients.filter((client) => this.isBehind(client, members)).length;
      if (waiting === 0 && behind === 0) return this.say('everybody has caught up');
      this.say(`${waiting} clients with an outbox, ${behind} behind`);
    }
    this.say('NOT everybody has caught up');
  }

  private isBehind(
    client: Population['clients'][number],
    members: Awaited<ReturnType<StoredTruth['members']>>,
  ): boolean {
    return [...this.population.owedTo(client, members)].some(([conversation, { first, last }]) => {
      const have = client.have.get(conversation);
      return have === undefined ? first > 0 && last >= first : have < last;
    });
  }

  private async conclude(baseline: Footprint, end: Footprint): Promise<string[]> {
    const { faults, controls, ...figures } = await judge(this.stored, this.population, [
      ...this.guests.logs,
      this.restLog,
    ]);
    this.say(`  ${this.tally.all()}`);
    this.say(`logs against the database: ${JSON.stringify(figures)}`);
    this.say(`negative controls: ${controls}`);
    const failures = [
      ...faults,
      ...leaks(baseline, end).map((leak) => `left behind: ${leak}`),
      ...this.server.complaints.map((line) => `server: ${line.slice(0, 500)}`),
      ...(controls.startsWith('NOT') ? [`the checker has ${controls}`] : []),
      ...(figures.events === 0 ? ['nothing was delivered'] : []),
    ];
    for (const failure of failures.slice(0, SHOWN_FAILURES)) this.say(`  ${failure}`);
    this.say(`soak of ${this.options.minutes} minutes: ${failures.length === 0 ? 'PASSED' : 'FAILED'}`);
    return failures;
  }

  private say(line: string): void {
    const minutes = ((Date.now() - this.began) / MINUTE).toFixed(1).padStart(5);
    this.options.print(`${minutes} min  ${line}`);
  }
}
