import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ANSWERS,
  commandsInPrivateGroups,
  HIDDEN,
  MATRIX,
  type Answer,
  type Row,
} from '../support/authorisation-matrix.js';
import {
  AuthorisationWorld,
  CALLERS,
  columnOf,
  leaksIn,
  tokenOf,
  type Caller,
} from '../support/authorisation-world.js';
import { RawClient } from '../support/raw-client.js';
import { TestServer } from '../support/server.js';
import { stores, type FreshStore } from '../support/stores.js';
import { difference, tableReader, type TableReader } from '../support/table-rows.js';

const SOURCES = resolve(import.meta.dirname, '../../src');

/** Calls that the OpenAPI document leaves out: the pages for people. Every other one must be in it. */
const UNDESCRIBED = ['console/chat-page.controller.ts'];

/** An id that is taken is told to everybody who wants it for a group of his own. */
const CREATES: ReadonlySet<string> = new Set(['group.create', 'POST /api/v1/groups']);

/** Calls that end the connections of the user they are about. */
const CUTTING = /(connections|tokens|wsLogout)$/;

/** Pairs of calls by which it is looked whether an answer takes longer for what exists. */
const TIMED_PAIRS = 9;

/** An answer as its caller sees it. */
interface Seen {
  answer: Answer | string;
  /** All of it but the ids of this one call. */
  whole: string;
}

const isRest = ({ call }: Row): boolean => call.includes(' ');

/** What a caller is to be answered for an object that does not exist. */
function expectedForAbsent({ object, answers, absent = 'ok' }: Row, caller: Caller): Answer {
  // Kept out by his role, before anything is looked at; for a user who acts upon himself any other is one of others.
  const column = columnOf(caller);
  const isKeptOut = answers[column] === 'forbidden' || (object === 'member' && column !== 'root');
  return answers.stranger === 'forbidden' && isKeptOut ? 'forbidden' : absent;
}

const table = <Value>(callers: readonly Caller[], of: (caller: Caller) => Value): object =>
  Object.fromEntries(callers.map((caller) => [caller, of(caller)]));

const answersOf = (callers: readonly Caller[], seen: ReadonlyMap<Caller, Seen>): object =>
  table(callers, (caller) => seen.get(caller)?.answer);

describe.each(stores())('who may do what on $name', ({ open }) => {
  let store: FreshStore;
  let server: TestServer;
  let world: AuthorisationWorld;
  let tables: TableReader;

  beforeAll(async () => {
    store = await open();
    server = await TestServer.start({
      databaseUrl: store.databaseUrl,
      env: {
        CHAT_PAGE: 'true',
        GROUP_MAX_PER_USER: '1000000',
        WS_HANDSHAKE_RATE: '100000',
        PUSH_WEBHOOK_URL: 'http://127.0.0.1:9/',
        PUSH_WEBHOOK_SECRET: `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
      },
    });
    tables = await tableReader(server.databaseUrl);
    world = await AuthorisationWorld.on(server);
  });
  afterAll(async () => {
    await world.close();
    await tables.close();
    await server.stop();
    await store.dispose();
  });

  const document = async (path: string) => (await (await fetch(server.url + path)).json()) as any;

  async function command(
    client: RawClient,
    { call, object: kind, data }: Row,
    caller: Caller,
    object: string,
  ) {
    const conversation = ['den', 'desk', 'hall', 'direct', 'inbox', 'broadcast'].includes(kind)
      ? { conversation: object }
      : {};
    const isNamed = call === 'group.create' || call === 'chat.forward' || call.startsWith('presence.');
    const id = `${call}-${caller}-${client.frames.length}-${object}`;
    const sent = data(world.subjects(caller), object);
    client.sendFrame({
      type: call,
      id,
      data: call === 'ping' ? undefined : { ...(!isNamed && conversation), ...sent },
    });
    const frame = await client.frame((one) => one.id === id);
    const answer = frame.type === 'error' ? (frame.data as { code: string }).code : 'ok';
    return { answer, whole: JSON.stringify({ ...frame, id: 0 }) };
  }

  async function rest({ call, data }: Row, caller: Caller, object: string, token?: string): Promise<Seen> {
    const [method = '', path = ''] = call.split(' ');
    const { params, query, body, file } = data(world.subjects(caller), object) as {
      params?: Record<string, string>;
      query?: Record<string, string>;
      body?: object;
      file?: string;
    };
    const filled = path.replace(/\{(\w+)\}/g, (_, name: string) =>
      encodeURIComponent(params?.[name] ?? object),
    );
    const response = await fetch(`${server.url}${filled}?${new URLSearchParams(query)}`, {
      method,
      headers: {
        ...(token !== undefined && { Authorization: `Bearer ${token}` }),
        ...(body && { 'Content-Type': 'application/json' }),
      },
      ...((body || file) && { body: body ? JSON.stringify(body) : file }),
    });
    const text = await response.text();
    const code = response.ok ? 'ok' : (JSON.parse(text) as { code: string }).code;
    const headers = [...response.headers].filter(
      ([name]) => !['date', 'x-request-id', 'etag'].includes(name),
    );
    const bare = text.replace(/"requestId":"[^"]*"/, '').replaceAll(object === '' ? '\0' : object, '');
    return { answer: code, whole: JSON.stringify([response.status, headers, bare]) };
  }

  const ask = (row: Row, caller: Caller, object: string): Promise<Seen> =>
    isRest(row)
      ? rest(row, caller, object, tokenOf(caller))
      : command(world.client(caller), row, caller, object);

  /** Without a token; who is refused over the socket loses the connection. */
  async function askWithoutToken(row: Row, object: string): Promise<Seen> {
    if (isRest(row)) return rest(row, 'stranger', object);
    const client = await RawClient.connect(server, 'nobody', { token: null });
    const seen = await command(client, row, 'stranger', object);
    if (seen.answer === 'unauthenticated') await client.closed();
    await client.close();
    return seen;
  }

  /** Milliseconds that one call takes. */
  async function timed(row: Row, object: string): Promise<number> {
    const start = performance.now();
    await ask(row, 'stranger', object);
    return performance.now() - start;
  }

  /** Where it takes much longer, or shorter, to refuse what exists than what does not. */
  async function timesApart(row: Row, object: string): Promise<number[]> {
    const [present, missing]: [number[], number[]] = [[], []];
    for (let pair = 0; pair < TIMED_PAIRS; pair++) {
      present.push(await timed(row, object));
      missing.push(await timed(row, world.absent(row.object)));
    }
    // The least is what the call itself takes; the rest is what else the machine does.
    const [short = 0, long = 0] = [Math.min(...present), Math.min(...missing)].sort((a, b) => a - b);
    return long < 3 * short + 5 ? [] : [short, long];
  }

  it('has a row for every command of the server, and for nothing else', async () => {
    const { components } = await document('/asyncapi.json');
    const commands = Object.keys(components.messages)
      .filter((name) => name.startsWith('command.'))
      .map((name) => name.slice('command.'.length));
    const rows = new Set(MATRIX.filter((row) => !isRest(row)).map(({ call }) => call));
    expect([...rows].sort()).toEqual(commands.sort());
  });

  it('has a row for every REST call of the server, and for nothing else', async () => {
    const { paths } = await document('/docs-json');
    const calls = Object.entries(paths as Record<string, object>).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const rows = new Set(MATRIX.filter(isRest).map(({ call }) => call));
    expect([...rows].sort()).toEqual(calls.sort());
  });

  it.each(MATRIX.map((row, at) => [`${row.call} of ${row.object} (${at})`, row] as const))(
    '%s',
    async (_, row) => {
      const object = await world.object(row.object);
      const absent = world.absent(row.object);
      const hasAbsent = row.absent !== undefined;
      const refused = CALLERS.filter((caller) => row.answers[columnOf(caller)] !== 'ok');
      const refusedAbsent = hasAbsent
        ? CALLERS.filter((caller) => expectedForAbsent(row, caller) !== 'ok')
        : [];

      await world.settled();
      world.leaks();
      const [rowsBefore, eventsBefore] = [await tables.rows(), world.events()];
      const seen = new Map<Caller, Seen>();
      const seenAbsent = new Map<Caller, Seen>();
      await Promise.all([
        ...refused.map(async (caller) => seen.set(caller, await ask(row, caller, object))),
        ...refusedAbsent.map(async (caller) => seenAbsent.set(caller, await ask(row, caller, absent))),
      ]);
      const nobody = await askWithoutToken(row, object);
      await world.settled();
      expect(answersOf(refused, seen)).toEqual(table(refused, (caller) => row.answers[columnOf(caller)]));
      expect(answersOf(refusedAbsent, seenAbsent)).toEqual(
        table(refusedAbsent, (caller) => expectedForAbsent(row, caller)),
      );
      expect(nobody.answer).toBe(row.isPublic || row.call === 'auth' ? 'ok' : 'unauthenticated');
      expect(difference(rowsBefore, await tables.rows())).toEqual([]);
      expect([...world.events()]).toEqual([...eventsBefore]);
      expect([...seen].flatMap(([caller, { whole }]) => leaksIn(whole, caller))).toEqual([]);

      const alike = refused.filter((caller) => seen.get(caller)?.answer === seenAbsent.get(caller)?.answer);
      const strangers = refused.filter((caller) => columnOf(caller) === 'stranger');
      const mustBeAlike = hasAbsent && HIDDEN.has(row.object) && !CREATES.has(row.call) ? strangers : [];
      expect(alike).toEqual(expect.arrayContaining(mustBeAlike));
      expect(table(alike, (caller) => seen.get(caller)?.whole)).toEqual(
        table(alike, (caller) => seenAbsent.get(caller)?.whole),
      );
      expect(alike.includes('stranger') ? await timesApart(row, object) : []).toEqual([]);

      for (const caller of CALLERS.filter((one) => !refused.includes(one))) {
        const before = await tables.rows();
        const { answer, whole } = await ask(row, caller, await world.object(row.object));
        expect([caller, answer, leaksIn(whole, caller)]).toEqual([caller, 'ok', []]);
        const isChanged = difference(before, await tables.rows()).length > 0;
        if (CUTTING.test(row.call)) await world.renew('member');
        else if (isChanged || row.object === 'call') await world.renew();
      }
      for (const caller of CALLERS.filter((one) => hasAbsent && !refusedAbsent.includes(one))) {
        const { answer } = await ask(row, caller, world.absent(row.object));
        expect([caller, answer]).toEqual([caller, 'ok']);
      }
      await world.settled();
      expect(world.leaks()).toEqual([]);
    },
  );

  it('told every answer of the table to somebody', () => {
    const given = new Set(MATRIX.flatMap(({ answers }) => Object.values(answers)));
    expect([...given].sort()).toEqual(
      Object.values(ANSWERS)
        .filter((answer) => answer !== 'invalid')
        .sort(),
    );
  });
});

it('nothing is left out of the OpenAPI document but the pages', () => {
  const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const hiding = files.filter((file) =>
    /@ApiExclude(Controller|Endpoint)\(/.test(readFileSync(join(SOURCES, file), 'utf8')),
  );
  expect(hiding).toEqual(UNDESCRIBED);
});

it('docs/operations.md says who may do what in a private group', () => {
  const [, section = ''] = readFileSync(`${SOURCES}/../docs/operations.md`, 'utf8').split(
    '\n## Who may do what\n',
  );
  const lines = [...(section.split('\n## ', 1)[0] ?? '').matchAll(/^\| ([a-z, ]+?) *\| (`.*`) *\|$/gm)];
  const said = lines.map(([, who = '', commands = '']) => [who, commands.replaceAll('`', '').split(', ')]);
  expect(said).toEqual([...commandsInPrivateGroups()]);
});
