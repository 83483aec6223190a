import { describe, expect, it } from 'vitest';
import { RookeryError } from './rookery-error.js';
import { StateCode } from './state.js';
import { Harness } from './testing/harness.js';

describe('the states of a client', () => {
  it('go from disconnected over connecting to connected, each with a code and a reason', async () => {
    const { client, states } = await Harness.connected();
    client.disconnect();
    expect(states).toEqual([
      { state: 'connecting', code: StateCode.ConnectCalled, reason: 'connect called' },
      { state: 'connected', code: StateCode.Greeted, reason: 'hello received' },
      { state: 'disconnected', code: StateCode.DisconnectCalled, reason: 'disconnect called' },
    ]);
  });

  it('keep their defaults where an option is undefined', async () => {
    const { client, server, clock, errors } = new Harness({
      storage: undefined,
      minReconnectionDelay: undefined,
      maxRetries: undefined,
    });
    server.up = false;
    client.connect();
    await clock.advance(100);
    expect(errors.map(({ code }) => code)).toEqual(errors.map(() => 'connection_lost'));
    expect(errors.every(({ retryAfter }) => retryAfter !== undefined && retryAfter <= 1)).toBe(true);
    server.up = true;
    await clock.advance(60_000);
    expect(client.state).toBe('connected');
    client.disconnect();
  });

  it('are connecting once for as many attempts as it takes; each failure is an error event', async () => {
    const { client, server, clock, states, errors } = new Harness();
    server.up = false;
    client.connect();
    await clock.advance(3000);
    expect(client.state).toBe('connecting');
    expect(states).toHaveLength(1);
    expect(errors.length).toBe(server.handshakes);
    expect(errors[0]).toMatchObject({ code: 'connection_lost', retryable: true, retryAfter: 0.25 });
  });

  it('ready() waits for the hello, and says when none will come', async () => {
    const { client, clock } = new Harness();
    await expect(client.ready()).rejects.toMatchObject({ code: 'disconnected', retryable: false });
    client.connect();
    const ready = client.ready();
    await clock.advance(0);
    await expect(ready).resolves.toBeUndefined();
    expect(client.user).toBe('amy');
  });

  it('offers the sub-protocol, names the device, and keeps the token out of the address', async () => {
    const { server } = await Harness.connected({ token: 'amy.secret', platform: 'web' });
    expect(server.sockets[0]?.protocols).toEqual(['rookery.v1']);
    expect(server.sockets[0]?.url.search).toBe('?device=laptop&platform=web');
  });
});

describe('coming back', () => {
  it.each([1001, 1005, 1006, 1011, 1012, 1013, 4000, 4001, 4003, 4499])('after %i', async (code) => {
    const harness = await Harness.connected();
    await harness.reconnect(code);
    expect(harness.states.map(({ state }) => state).slice(2)).toEqual(['connecting', 'connected']);
    expect(harness.states[2]?.code).toBe(code);
  });

  it.each([1000, 1002, 1009, 4501, 4502, 4503, 4504, 4999])('not after %i', async (code) => {
    const harness = await Harness.connected();
    await harness.reconnect(code);
    expect(harness.client.state).toBe('disconnected');
    expect(harness.states.at(-1)?.code).toBe(code);
    expect(harness.server.handshakes).toBe(1);
  });

  it('not before what the goaway asked for', async () => {
    const { server, clock, client } = await Harness.connected();
    server.push('goaway', { reason: 'a deploy', retryAfter: 3 });
    server.dropAll(1001);
    await clock.advance(2999);
    expect(server.handshakes).toBe(1);
    await clock.advance(1);
    expect(client.state).toBe('connected');
  });

  it('not at once after having been too fast', async () => {
    const { server, clock } = await Harness.connected();
    server.dropAll(4003);
    await clock.advance(4999);
    expect(server.handshakes).toBe(1);
    await clock.advance(1);
    expect(server.handshakes).toBe(2);
  });

  it('ends after maxRetries', async () => {
    const { client, server, clock, states } = new Harness({ maxRetries: 3 });
    server.up = false;
    client.connect();
    const failure = client.ready().catch((error: unknown) => error);
    await clock.advance(60_000);
    expect(await failure).toMatchObject({ code: 'disconnected' });
    expect(server.handshakes).toBe(4);
    expect(states.at(-1)).toMatchObject({ state: 'disconnected', code: StateCode.RetriesExhausted });
  });

  it('begins the back-off anew only when the connection has lasted', async () => {
    const harness = await Harness.connected({ minUptime: 5000, maxRetries: 1 });
    await harness.reconnect();
    harness.server.dropAll();
    await harness.clock.advance(0);
    expect(harness.client.state).toBe('connecting');
    await harness.clock.advance(4000);
    harness.server.dropAll();
    await harness.clock.advance(4000);
    expect(harness.client.state).toBe('disconnected');
  });

  it('ends with disconnect(), whoever calls it and when', async () => {
    const harness = await Harness.connected();
    harness.client.on('stateChange', ({ state }) => {
      if (state === 'connecting') harness.client.disconnect();
    });
    await harness.reconnect();
    expect([harness.client.state, harness.server.handshakes]).toEqual(['disconnected', 1]);
    const eager = new Harness();
    eager.client.once('stateChange', () => eager.client.disconnect());
    await eager.connect();
    expect([eager.client.state, eager.server.handshakes]).toEqual(['disconnected', 0]);
    const greeted = new Harness();
    greeted.client.on('stateChange', ({ state }) => state === 'connected' && greeted.client.disconnect());
    await greeted.connect();
    expect(greeted.client.state).toBe('disconnected');
    expect(greeted.server.connected).toBe(0);
  });

  it('ends with disconnect(), also between two attempts', async () => {
    const harness = await Harness.connected();
    harness.server.dropAll();
    await harness.clock.advance(0);
    harness.client.disconnect();
    await harness.clock.advance(60_000);
    expect(harness.server.handshakes).toBe(1);
  });
});

describe('signs of life', () => {
  it('asks after an interval of silence, and goes on when there is an answer', async () => {
    const { client, server, clock } = await Harness.connected();
    await clock.advance(29_999);
    expect(server.dataOf('ping')).toHaveLength(0);
    await clock.advance(120_000);
    expect(server.dataOf('ping').length).toBeGreaterThan(2);
    expect([client.state, server.handshakes]).toEqual(['connected', 1]);
  });

  it('gives up a line on which nothing comes back', async () => {
    const { server, clock, states } = await Harness.connected();
    server.alive = false;
    await clock.advance(39_999);
    expect(states).toHaveLength(2);
    await clock.advance(1);
    expect(states.at(-1)).toMatchObject({ state: 'connecting', code: StateCode.NoSignOfLife });
  });

  it('gives up an attempt that brings no hello', async () => {
    const { client, server, clock, errors } = new Harness({ connectionTimeout: 8000 });
    server.alive = false;
    client.connect();
    await clock.advance(8000);
    expect(errors[0]?.message).toContain('no hello in time');
    server.alive = true;
    await clock.advance(20_000);
    expect(client.state).toBe('connected');
  });
});

describe('the token', () => {
  const counted = (): { token: () => Promise<string>; asked: () => number } => {
    let asked = 0;
    return { token: async () => `amy.${++asked}`, asked: () => asked };
  };

  it('is fetched once, and kept over reconnects', async () => {
    const { token, asked } = counted();
    const harness = await Harness.connected({ token });
    await harness.reconnect();
    expect([harness.client.state, asked()]).toEqual(['connected', 1]);
  });

  it('is renewed on the living connection when it ends soon', async () => {
    const { server, clock } = await Harness.connected({ token: counted().token });
    server.push('auth.expiring', { expiresAt: 1 });
    await clock.advance(0);
    expect(server.dataOf('auth').map(({ token }) => token)).toEqual(['amy.1', 'amy.2']);
    expect(server.handshakes).toBe(1);
  });

  it('is fetched anew after 4002', async () => {
    const harness = await Harness.connected({ token: counted().token });
    await harness.reconnect(4002);
    expect(harness.server.dataOf('auth').map(({ token }) => token)).toEqual(['amy.1', 'amy.2']);
  });

  it('that is a plain string ends with it', async () => {
    const harness = await Harness.connected();
    await harness.reconnect(4002);
    expect(harness.states.at(-1)).toMatchObject({ state: 'disconnected', code: 4002 });
  });

  it('refused at first sight ends it, and the next connect() fetches another', async () => {
    const harness = new Harness({ token: counted().token });
    harness.server.refuse = ({ type }) => (type === 'auth' ? { code: 'unauthenticated' } : undefined);
    await harness.connect();
    expect(harness.states.at(-1)).toMatchObject({ state: 'disconnected', code: 4500 });
    expect(harness.errors.at(-1)).toMatchObject({ code: 'unauthenticated', retryable: false });
    harness.server.refuse = () => undefined;
    await harness.connect();
    expect(harness.server.dataOf('auth').map(({ token }) => token)).toEqual(['amy.1', 'amy.2']);
  });

  it('refused later, as when a key was changed, is fetched anew', async () => {
    const harness = await Harness.connected({ token: counted().token });
    harness.server.refuse = ({ data }) =>
      (data as { token?: string } | undefined)?.token === 'amy.1' ? { code: 'unauthenticated' } : undefined;
    await harness.reconnect();
    expect(harness.client.state).toBe('connected');
  });

  it('waits as long as the server asks for when there are too many', async () => {
    const harness = new Harness();
    harness.server.refuse = () => ({ code: 'rate_limited', retryable: true, retryAfter: 60 });
    await harness.connect();
    await harness.clock.advance(59_000);
    expect([harness.client.state, harness.server.handshakes]).toEqual(['connecting', 1]);
  });

  it('is asked for again when fetching it failed', async () => {
    let calls = 0;
    const token = async (): Promise<string> => {
      if (++calls === 1) throw new Error('offline');
      return 'amy';
    };
    const { client, clock, errors } = await Harness.connected({ token });
    expect(errors[0]).toMatchObject({ code: 'token_unavailable', message: 'offline', retryable: true });
    await clock.advance(1000);
    expect(client.state).toBe('connected');
  });

  it('that does not exist ends it', async () => {
    const token = () => Promise.reject(new RookeryError('unauthenticated', 'signed out'));
    const { states } = await Harness.connected({ token });
    expect(states.at(-1)).toEqual({
      state: 'disconnected',
      code: StateCode.TokenRefused,
      reason: 'signed out',
    });
  });
});
