import { describe, expect, it } from 'vitest';
import { freePort, TestServer } from '../support/server.js';

/** What is printed, apart from log lines, by a server that must not come up. */
async function failureOf(env: Record<string, string>, databaseUrl?: string): Promise<string[]> {
  const started = TestServer.start({ env, databaseUrl }).then(async (server) => {
    await server.stop();
    throw new Error('It did start');
  });
  const { message } = (await started.catch((error: unknown) => error)) as Error;
  const [ended, ...printed] = message.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
  expect(ended).toBe('The server ended with 1:');
  return printed;
}

describe('a start that fails says in one line why', () => {
  it('when the port is in use', async () => {
    const other = await TestServer.start();
    const printed = await failureOf({ PORT: String(other.port) });
    await other.stop();
    expect(printed).toEqual([
      expect.stringMatching(
        new RegExp(`^Rookery did not start: it cannot listen on PORT ${other.port} .*EADDRINUSE`),
      ),
    ]);
  });

  it('when HOST is no address of this machine', async () => {
    expect(await failureOf({ HOST: '192.0.2.1' })).toEqual([
      expect.stringMatching(/^Rookery did not start: .* HOST 192\.0\.2\.1: .*EADDRNOTAVAIL/),
    ]);
  });

  it('when the database is not reachable, without its password', async () => {
    const url = `mysql://rookery:hunter2@127.0.0.1:${await freePort()}/rookery`;
    const printed = await failureOf({}, url);
    expect(printed).toEqual([
      expect.stringMatching(/^Rookery did not start: the database of DATABASE_URL .*ECONNREFUSED/),
    ]);
    expect(printed.join()).not.toContain('hunter2');
  });

  it.each([
    ['DATABASE_URL', {}, 'sqlite:/proc/none/rookery.db'],
    ['ATTACHMENTS_URL', { ATTACHMENTS_URL: 'file:/proc/none/files' }, undefined],
  ])('when nothing can be made at the place of %s', async (name, env, databaseUrl) => {
    const printed = await failureOf(env, databaseUrl);
    expect(printed).toEqual([
      expect.stringMatching(new RegExp(`^Rookery did not start: the \\w+ of ${name} .*/proc/none`)),
    ]);
  });

  it('with the stack for who debugs', async () => {
    const url = `mysql://rookery:hunter2@127.0.0.1:${await freePort()}/rookery`;
    expect((await failureOf({ LOG_LEVEL: 'debug' }, url)).length).toBeGreaterThan(2);
  });
});
