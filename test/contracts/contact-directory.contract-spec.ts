import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EventBus } from '../../src/common/index.js';
import type { AppConfig } from '../../src/config/index.js';
import { ContactRepository } from '../../src/contacts/contact.repository.js';
import { ContactService, type ContactDirectory } from '../../src/contacts/index.js';
import { HttpContactDirectory } from '../../src/contacts/http-contact-directory.js';
import { SqlContactDirectory } from '../../src/contacts/sql-contact-directory.js';
import { EventPresenters } from '../../src/hub/index.js';
import { JournalService } from '../../src/journal/index.js';
import { Metrics } from '../../src/metrics/index.js';
import { HttpService } from '../support/http-service.js';
import { mysqlJournal, sqliteJournal, type OpenJournal } from '../support/journal-harness.js';
import { mariaDbUrl } from '../support/mariadb.js';

/** A directory, and the ways to change what it knows. */
interface Harness {
  directory: ContactDirectory;
  link(a: string, b: string): Promise<unknown>;
  block(owner: string, other: string): Promise<unknown>;
  unblock(owner: string, other: string): Promise<unknown>;
  dispose(): Promise<void>;
}

async function onTables(open: OpenJournal): Promise<Harness> {
  const journal = new JournalService(open.store);
  const repository = new ContactRepository(open.database.dataSource);
  const directory = new SqlContactDirectory(repository, journal, new Metrics());
  directory.onModuleInit();
  const service = new ContactService(journal, repository, new EventPresenters(), new EventBus());
  return {
    directory,
    link: (a, b) => service.act(a, b, 'link'),
    block: (owner, other) => service.act(owner, other, 'block'),
    unblock: (owner, other) => service.act(owner, other, 'unblock'),
    dispose: () => open.dispose(),
  };
}

/** The service as its documentation describes it, with what it knows in memory. */
async function overHttp(): Promise<Harness> {
  const contacts = new Set<string>();
  const blocks = new Set<string>();
  const key = (a: string, b: string): string => JSON.stringify([a, b]);
  const suspended = (a: string, b: string): boolean => blocks.has(key(a, b)) || blocks.has(key(b, a));
  const of = (user: string): string[] =>
    [...contacts]
      .map((each) => JSON.parse(each) as [string, string])
      .filter(([owner, other]) => owner === user && !suspended(owner, other))
      .map(([, other]) => other);
  const service = await HttpService.start(({ url: { pathname, searchParams } }) => {
    const [user, other] = ['user', 'other'].map((name) => searchParams.get(name) ?? '') as [string, string];
    if (pathname === '/api/contacts') return { body: { contacts: of(user) } };
    if (pathname !== '/api/relation') return { status: 404, body: {} };
    return { body: { contact: of(user).includes(other), blocked: blocks.has(key(user, other)) } };
  });
  const settings = { url: service.url, timeout: 5000, ttl: 0, stale: 0 };
  const directory = new HttpContactDirectory({ contacts: settings } as AppConfig, new Metrics());
  return {
    directory,
    link: async (a, b) => contacts.add(key(a, b)).add(key(b, a)),
    block: async (owner, other) => blocks.add(key(owner, other)),
    unblock: async (owner, other) => blocks.delete(key(owner, other)),
    dispose: () => service.stop(),
  };
}

const server = mariaDbUrl();
const DRIVERS: [string, boolean, () => Promise<Harness>][] = [
  ['SQLite', true, async () => onTables(await sqliteJournal())],
  ['MariaDB', server !== undefined, async () => onTables(await mysqlJournal(server ?? ''))],
  ['another service', true, overHttp],
];

describe.each(DRIVERS)('ContactDirectory on %s', (_, available, make) => {
  let harness: Harness;
  let directory: ContactDirectory;
  beforeEach(async ({ skip }) => {
    if (!available) skip('NOT RUN: MariaDB');
    harness = await make();
    directory = harness.directory;
  });
  afterEach(async () => {
    if (available) await harness.dispose();
  });

  it('knows nobody of who is new', async () => {
    expect(await directory.contactsOf('amy')).toEqual([]);
    expect(await directory.areContacts('amy', 'ben')).toBe(false);
    expect(await directory.hasBlocked('amy', 'ben')).toBe(false);
    expect(await directory.blockersOf('amy', [])).toEqual(new Set());
  });

  it('gives contacts in the order of their ids, to both', async () => {
    for (const other of ['zoe', 'ben', 'a:b', 'Ämil', 'ben?&=#']) await harness.link('amy', other);
    expect(await directory.contactsOf('amy')).toEqual(['a:b', 'ben', 'ben?&=#', 'zoe', 'Ämil']);
    expect(await directory.contactsOf('ben?&=#')).toEqual(['amy']);
    expect([await directory.areContacts('amy', 'zoe'), await directory.areContacts('zoe', 'amy')]).toEqual([
      true,
      true,
    ]);
    expect(await directory.areContacts('amy', 'Zoe')).toBe(false);
  });

  it('gives the contacts of several together as it does one by one', async () => {
    for (const other of ['zoe', 'ben', 'Ämil']) await harness.link('amy', other);
    await harness.link('ben', 'zoe');
    await harness.block('zoe', 'amy');
    const users = ['amy', 'ben', 'zoe', 'nobody'];
    const together = await directory.contactsOfEach(users);
    for (const user of users) expect(together.get(user) ?? []).toEqual(await directory.contactsOf(user));
    expect(together.get('amy')).toEqual(['ben', 'Ämil']);
    expect((await directory.contactsOfEach([])).size).toBe(0);
  });

  it('counts nobody as a contact while there is a block in either direction', async () => {
    await harness.link('amy', 'ben');
    await harness.block('amy', 'ben');
    for (const [one, other] of [
      ['amy', 'ben'],
      ['ben', 'amy'],
    ] as const) {
      expect(await directory.contactsOf(one)).toEqual([]);
      expect(await directory.areContacts(one, other)).toBe(false);
    }
    expect([await directory.hasBlocked('amy', 'ben'), await directory.hasBlocked('ben', 'amy')]).toEqual([
      true,
      false,
    ]);
    await harness.unblock('amy', 'ben');
    expect(await directory.contactsOf('ben')).toEqual(['amy']);
    expect(await directory.hasBlocked('amy', 'ben')).toBe(false);
  });

  it('tells of many at once who has blocked one, and whom one has blocked', async () => {
    const others = Array.from({ length: 12 }, (_unused, n) => `u${n}`);
    for (const other of others.slice(0, 3)) await harness.block(other, 'amy');
    for (const other of others.slice(2, 5)) await harness.block('amy', other);
    expect(await directory.blockersOf('amy', others)).toEqual(new Set(['u0', 'u1', 'u2']));
    expect(await directory.blockedBy('amy', others)).toEqual(new Set(['u2', 'u3', 'u4']));
  });

  it('knows a block as soon as it is acknowledged, however often it was asked before', async () => {
    for (let round = 0; round < 10; round++) {
      const asks = Array.from({ length: 5 }, () => directory.hasBlocked('amy', 'ben'));
      await harness.block('amy', 'ben');
      expect(await directory.hasBlocked('amy', 'ben')).toBe(true);
      await Promise.all(asks);
      expect(await directory.hasBlocked('amy', 'ben')).toBe(true);
      await harness.unblock('amy', 'ben');
      expect(await directory.hasBlocked('amy', 'ben')).toBe(false);
    }
  });
});

describe('ContactDirectory of another service', () => {
  let service: HttpService;
  let directory: HttpContactDirectory;
  beforeEach(async () => {
    service = await HttpService.start(() => ({ body: { contact: true, blocked: false } }));
    const settings = { url: service.url, token: 'secret', timeout: 3_000, ttl: 60_000, stale: 60_000 };
    directory = new HttpContactDirectory({ contacts: settings } as AppConfig, new Metrics());
  });
  afterEach(() => service.stop());

  it('asks once for what many want to know, and once for both halves of it, with its token', async () => {
    await Promise.all([
      ...Array.from({ length: 20 }, () => directory.areContacts('amy', 'ben')),
      directory.hasBlocked('amy', 'ben'),
    ]);
    expect(service.requests).toMatchObject([{ headers: { authorization: 'Bearer secret' } }]);
    expect(service.requests[0]?.url.search).toBe('?user=amy&other=ben');
  });

  it.each<[string, () => ReturnType<HttpService['answer']>]>([
    ['no answer in time', () => undefined],
    ['a failure', () => ({ status: 500, body: { contact: true, blocked: false } })],
    ['no JSON', () => ({ body: '<html>' })],
    ['something else', () => ({ body: { contact: 'yes' } })],
    ['a redirection', () => ({ status: 302, body: {}, headers: { Location: 'http://127.0.0.1:1/' } })],
    ['too much', () => ({ body: 'x'.repeat(5 * 1024 ** 2) })],
  ])('is unavailable, to be tried again, on %s', async (_name, answer) => {
    service.answer = answer;
    await expect(directory.hasBlocked('amy', 'ben')).rejects.toMatchObject({ code: 'unavailable' });
    service.answer = () => ({ body: { contact: false, blocked: true } });
    expect(await directory.hasBlocked('amy', 'ben')).toBe(true);
  });

  it('refuses ids that cannot be users', async () => {
    service.answer = () => ({ body: { contacts: ['ben', ''] } });
    await expect(directory.contactsOf('amy')).rejects.toMatchObject({ code: 'unavailable' });
  });
});
