import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exchange, handshakeText, requestText } from '../support/raw-http.js';
import { RawSocket } from '../support/raw-socket.js';
import { TestServer } from '../support/server.js';
import { tokenFor } from '../support/raw-client.js';

/**
 * Made for these tests, for localhost, valid for a hundred years; its key protects nothing:
 * openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 36500 -subj /CN=localhost \
 *   -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout key.pem -out cert.pem
 */
const FOLDER = join(import.meta.dirname, '../support/tls');
const CERT = join(FOLDER, 'cert.pem');
const KEY = join(FOLDER, 'key.pem');
const ca = readFileSync(CERT, 'utf8');

describe('with TLS_CERT and TLS_KEY', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await TestServer.start({ env: { TLS_CERT: CERT, TLS_KEY: KEY } });
  });
  afterAll(() => server.stop());

  it('a WebSocket is served over TLS', async () => {
    const alice = await RawSocket.connect(server, 'alice', { ca });
    expect(await alice.answerTo('ping')).toMatchObject({ type: 'pong' });
    alice.destroy();
  });

  it('REST is served over TLS', async () => {
    const answer = await exchange(
      { port: server.port, ca },
      requestText({ target: '/health', headers: { Host: 'x' } }),
    );
    expect(answer).toMatchObject({ status: 200, body: 'OK' });
  });

  it('an upgrade to something else is passed over here too', async () => {
    const headers = { Host: 'x', Connection: 'Upgrade', Upgrade: 'h2c' };
    const answer = await exchange({ port: server.port, ca }, requestText({ target: '/health', headers }));
    expect(answer).toMatchObject({ status: 200, body: 'OK' });
  });

  it('plain text on the same port is not', async () => {
    const answer = await exchange(
      server,
      handshakeText({ headers: { Authorization: `Bearer ${tokenFor('alice')}` } }),
    );
    expect(answer).toBeUndefined();
  });

  it('TLS below 1.2 is not spoken', async () => {
    const failure = new Promise<string>((resolve) => {
      const socket = connect({
        port: server.port,
        ca,
        servername: 'localhost',
        maxVersion: 'TLSv1.1',
        minVersion: 'TLSv1',
      });
      socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code ?? 'error'));
      socket.once('secureConnect', () => resolve('connected'));
    });
    expect(await failure).toMatch(/^E/);
  });

  it('a client that does not trust the certificate is not served by accident', async () => {
    const failure = new Promise<string>((resolve) => {
      request({ port: server.port, host: '127.0.0.1', path: '/health' }, () => resolve('answered'))
        .once('error', ({ code }: NodeJS.ErrnoException) => resolve(code ?? 'error'))
        .end();
    });
    expect(await failure).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
  });
});

describe('a broken certificate stops the boot and names the variable', () => {
  const boot = (env: Record<string, string>) => {
    const main = join(import.meta.dirname, '../../dist/main.js');
    const { status, stderr } = spawnSync(process.execPath, [main], {
      env: {
        PATH: process.env.PATH,
        PORT: '0',
        HOST: '127.0.0.1',
        DATABASE_URL: 'sqlite:/nonexistent/x.db',
        ...env,
      },
      encoding: 'utf8',
      timeout: 30_000,
    });
    return { status, stderr };
  };

  it.each([
    ['TLS_CERT', { TLS_CERT: '/nonexistent/cert.pem', TLS_KEY: KEY }],
    ['TLS_KEY', { TLS_CERT: CERT, TLS_KEY: '/nonexistent/key.pem' }],
    ['TLS_KEY', { TLS_CERT: CERT }],
    ['TLS_CERT', { TLS_KEY: KEY }],
    ['TLS_CERT, TLS_KEY', { TLS_CERT: KEY, TLS_KEY: CERT }],
  ])('%s', (variable, env) => {
    const { status, stderr } = boot({ JWT_SECRET: 'x1'.repeat(20), ...env });
    expect(status).toBe(1);
    expect(stderr).toContain(variable);
    expect(stderr).not.toContain('    at ');
  });
});
