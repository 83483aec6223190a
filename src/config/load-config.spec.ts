import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigError } from './config-error.js';
import { loadConfig } from './load-config.js';

const folder = mkdtempSync(join(tmpdir(), 'rookery-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SECRET = 'Zk3vQ9xT1bLw7yN5cRj8pHd2mFs6gVa0';
const base = { JWT_SECRET: SECRET };
const fileWith = (name: string, content: string): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const publicPem = (type: string, options: object): string =>
  (generateKeyPairSync as (t: string, o: object) => { publicKey: { export(o: object): string } })(
    type,
    options,
  )
    .publicKey.export({ type: 'spki', format: 'pem' })
    .toString();

function problems(environment: NodeJS.ProcessEnv): Record<string, string> {
  try {
    loadConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError)
      return Object.fromEntries(error.problems.map((p) => [p.variable, p.reason]));
    throw error;
  }
  return {};
}

describe('loadConfig', () => {
  it('fills in the documented defaults', () => {
    const config = loadConfig(base);
    expect(config.production).toBe(false);
    expect(config.http).toMatchObject({ port: 3000, host: '0.0.0.0', shutdownDrain: 10_000, chatPage: true });
    expect(config.database).toEqual({
      type: 'sqlite',
      path: 'data/rookery.db',
      migrate: true,
      allowLossy: false,
    });
    expect(config.jwt).toMatchObject({
      key: { kind: 'secret', generated: false },
      userClaims: ['sub'],
      leeway: 5,
    });
    expect(config.ws).toMatchObject({
      path: '/ws',
      pingInterval: 30_000,
      pongTimeout: 60_000,
      maxConnections: 10_000,
    });
  });

  it('takes an empty value for an unset one', () => {
    expect(loadConfig({ ...base, PORT: ' ', WS_ORIGINS: '', JWT_PUBLIC_KEY: '' }).http.port).toBe(3000);
  });

  it('reads MySQL, lists and fractions of a second', () => {
    const config = loadConfig({
      ...base,
      DATABASE_URL: 'mariadb://u:p@db:3306/chat',
      JWT_USER_CLAIM: 'sub, userId',
      WS_PING_INTERVAL: '0.5',
      WS_ORIGINS: 'https://a.example, https://b.example:8443',
      TRUSTED_PROXIES: '10.0.0.0/8,::1',
    });
    expect(config.database).toMatchObject({
      type: 'mysql',
      url: 'mysql://u:p@db:3306/chat',
      poolSize: 10,
      timeout: 10_000,
    });
    expect(config.jwt.userClaims).toEqual(['sub', 'userId']);
    expect(config.ws.pingInterval).toBe(500);
    expect(config.ws.origins).toEqual(['https://a.example', 'https://b.example:8443']);
    expect(config.http.trustedProxies).toEqual(['10.0.0.0/8', '::1']);
  });

  it.each([
    ['sqlite:x.db', 'x.db'],
    ['sqlite:/var/x.db', '/var/x.db'],
    ['sqlite:///var/x.db', '/var/x.db'],
  ])('reads %s as the file %s', (DATABASE_URL, path) => {
    expect(loadConfig({ ...base, DATABASE_URL }).database).toMatchObject({ path });
  });

  it('serves the chat page in production only when told to', () => {
    expect(loadConfig({ ...base, NODE_ENV: 'production' }).http.chatPage).toBe(false);
    expect(loadConfig({ ...base, NODE_ENV: 'production', CHAT_PAGE: 'true' }).http.chatPage).toBe(true);
  });

  it.each([
    ['NODE_ENV', 'prodution'],
    ['LOG_LEVEL', 'loud'],
    ['PORT', '65536'],
    ['PORT', '3000x'],
    ['PORT', '-1'],
    ['TRUSTED_PROXIES', 'loopback'],
    ['IP_BLOCKLIST', '10.0.0.0/33'],
    ['IP_BLOCKLIST', '::/129'],
    ['SHUTDOWN_DRAIN', 'ten'],
    ['CHAT_PAGE', 'yes please'],
    ['DATABASE_URL', 'postgres://u:hunter2@db/chat'],
    ['DATABASE_URL', 'mysql://u:hunter2@db'],
    ['DATABASE_URL', 'sqlite:'],
    ['DATABASE_URL', 'sqlite://x.db'],
    ['DATABASE_URL', 'sqlite::memory:'],
    ['DATABASE_MIGRATE', 'maybe'],
    ['DATABASE_ALLOW_LOSSY', '2'],
    ['DATABASE_POOL_SIZE', '0'],
    ['DATABASE_TIMEOUT', '0'],
    ['BROKER_URL', 'memory'],
    ['JWT_USER_CLAIM', ','],
    ['JWT_LEEWAY', '61'],
    ['JWT_REQUIRE_EXPIRY', 'on'],
    ['JWT_ALLOW_WEAK_SECRET', 'sure'],
    ['WS_PATH', 'ws'],
    ['WS_PATH', '/ws?x'],
    ['WS_PATH', '/'],
    ['WS_PATH', '//'],
    ['WS_PATH', '/api'],
    ['WS_PATH', '/API/ws'],
    ['WS_PATH', '//api'],
    ['WS_PATH', '/health/'],
    ['WS_PATH', '/docs-json'],
    ['WS_PATH', '/chat/socket'],
    ['WS_PATH', '/user/wsLogout'],
    ['WS_DIALECTS', 'melody:/health'],
    ['WS_DIALECTS', 'melody:/api/ws/connect,kama:/API/ws/send'],
    ['WS_DIALECTS', 'gozero:/api/v1/groups'],
    ['WS_ORIGINS', '*'],
    ['WS_ORIGINS', 'https://a.example/'],
    ['WS_ORIGINS', 'null'],
    ['WS_MAX_CONNECTIONS', '0'],
    ['WS_MAX_CONNECTIONS_PER_USER', '1.5'],
    ['WS_MAX_CONNECTIONS_PER_IP', 'many'],
    ['WS_PING_INTERVAL', '0'],
    ['WS_PONG_TIMEOUT', '30'],
    ['WS_AUTH_TIMEOUT', '301'],
    ['WS_MAX_MESSAGE_SIZE', '10'],
    ['WS_SEND_BUFFER', '2048'],
    ['WS_SESSION_POLICY', 'twice'],
    ['WS_QUERY_TOKEN', 'no'],
    ['WS_COMPRESSION', 'on'],
    ['WS_RATE_LIMIT', '0'],
    ['WS_USER_RATE_LIMIT', '0'],
    ['WS_HANDSHAKE_RATE', '0'],
  ])('refuses %s=%s by name', (name, value) => {
    expect(Object.keys(problems({ ...base, [name]: value }))).toEqual([name]);
  });

  it('tells all that is wrong at once', () => {
    const found = problems({
      PORT: 'x',
      WS_PATH: 'ws',
      JWT_LEEWAY: '-1',
      TLS_CERT: 'cert.pem',
      WS_PAHT: '/ws',
    });
    expect(Object.keys(found).sort()).toEqual(['JWT_LEEWAY', 'PORT', 'TLS_KEY', 'WS_PAHT', 'WS_PATH']);
  });

  it.each([['redis://h:6379'], ['rediss://h'], ['kafka://h:9092']])(
    'says that %s is not served yet',
    (BROKER_URL) => {
      expect(problems({ ...base, BROKER_URL })['BROKER_URL']).toContain('not served by this version');
    },
  );

  it('allows a database in memory only where loss is allowed', () => {
    const DATABASE_URL = 'sqlite::memory:';
    expect(problems({ ...base, DATABASE_URL })['DATABASE_URL']).toContain('DATABASE_ALLOW_LOSSY');
    expect(problems({ ...base, DATABASE_URL, DATABASE_ALLOW_LOSSY: 'true' })).toEqual({});
  });
});

describe('unknown variables', () => {
  it.each([
    ['WS_PAHT', 'WS_PATH'],
    ['WS_MAX_CONNECTION', 'WS_MAX_CONNECTIONS'],
    ['JWT_SECERT', 'JWT_SECRET'],
    ['JWT_SECRET_FIEL', 'JWT_SECRET_FILE'],
    ['DATABASE_ULR', 'DATABASE_URL'],
    ['WS_PNG', 'WS_PING_INTERVAL'],
    ['WS_PONG', 'WS_PONG_TIMEOUT'],
  ])('suggests for %s the name %s', (typo, meant) => {
    expect(problems({ ...base, [typo]: 'x' })[typo]).toMatch(new RegExp(`did you mean ${meant}\\?$`));
  });

  it('refuses without a guess what resembles nothing', () => {
    expect(problems({ ...base, WS_QQQQQQQQQQQQQQQQ: 'x' })).toEqual({
      WS_QQQQQQQQQQQQQQQQ: 'is not a setting of this version',
    });
  });

  it('leaves alone what is not ours, and the service links of Kubernetes', () => {
    const links = {
      DATABASE_SERVICE_HOST: 'h',
      DATABASE_PORT: 'tcp://10.0.0.1:3306',
      DATABASE_PORT_3306_TCP_ADDR: 'h',
    };
    expect(problems({ ...base, ...links, PATH: '/bin', TLS_X: '1' })).toEqual({});
  });
});

describe('secrets in files', () => {
  it.each(['DATABASE_URL', 'BROKER_URL', 'JWT_SECRET', 'JWT_PUBLIC_KEY'])(
    '%s can come from a file',
    (name) => {
      const content: Record<string, string> = {
        DATABASE_URL: 'sqlite:from-file.db',
        BROKER_URL: 'memory:',
        JWT_SECRET: SECRET,
        JWT_PUBLIC_KEY: publicPem('ec', { namedCurve: 'P-256' }),
      };
      const path = fileWith(name, `${content[name]}\n`);
      const others = name.startsWith('JWT_') ? {} : base;
      expect(problems({ ...others, [`${name}_FILE`]: path })).toEqual({});
    },
  );

  it('refuses both forms at once, a missing file and an empty one', () => {
    const path = fileWith('both', SECRET);
    expect(problems({ ...base, JWT_SECRET_FILE: path })).toEqual({
      JWT_SECRET_FILE: 'is set together with JWT_SECRET; set one of them',
    });
    const missing = join(folder, 'nothing');
    expect(problems({ JWT_SECRET_FILE: missing })).toEqual({
      JWT_SECRET_FILE: `cannot read ${missing} (ENOENT)`,
    });
    expect(problems({ JWT_SECRET_FILE: fileWith('empty', ' \n') })).toEqual({
      JWT_SECRET_FILE: 'names an empty file',
    });
  });

  it('never puts the value of a secret into the message', () => {
    const secrets = {
      DATABASE_URL: 'postgres://u:hunter2@db/x',
      JWT_SECRET: 'hunter2',
      BROKER_URL: 'redis://:hunter2@h',
    };
    expect(() => loadConfig(secrets)).toThrow(/DATABASE_URL[\s\S]*BROKER_URL[\s\S]*JWT_SECRET/);
    expect(() => loadConfig(secrets)).not.toThrow(/hunter2/);
  });
});

describe('the key of the tokens', () => {
  const rsa = publicPem('rsa', { modulusLength: 2048 });

  it.each([
    ['31 bytes', SECRET.slice(1)],
    ['a documented sample', 'a-string-secret-at-least-256-bits-long'],
    ['the sample key of another server', 'T713/rYYgW7g4m3vG6zGRh7+FM1t0T8j13koXScOAj4='],
    ['repetition', 'abcabcabcabcabcabcabcabcabcabcabcabc'],
  ])('refuses a secret with %s, unless weak ones are allowed', (_what, JWT_SECRET) => {
    expect(Object.keys(problems({ JWT_SECRET }))).toEqual(['JWT_SECRET']);
    expect(problems({ JWT_SECRET, JWT_ALLOW_WEAK_SECRET: 'true' })).toEqual({});
  });

  it('refuses a secret with sample wording in production only', () => {
    const JWT_SECRET = 'please-change-me-before-you-go-live-ok';
    expect(problems({ JWT_SECRET })).toEqual({});
    expect(Object.keys(problems({ JWT_SECRET, NODE_ENV: 'production' }))).toEqual(['JWT_SECRET']);
  });

  it.each([
    '0123456789abcdef0123456789abcdef',
    'a-test-secret-of-the-acceptance-run',
    'passwords-and-examples-of-ours-42',
  ])('takes a given secret for what it is, in production too: %s', (JWT_SECRET) =>
    expect(problems({ JWT_SECRET, NODE_ENV: 'production' })).toEqual({}),
  );

  it('never takes a PEM for a secret: whoever has the public key could sign', () => {
    expect(problems({ JWT_SECRET: rsa, JWT_ALLOW_WEAK_SECRET: 'true' })['JWT_SECRET']).toContain(
      'JWT_PUBLIC_KEY',
    );
  });

  it('refuses two of the three', () => {
    const found = problems({ ...base, JWT_JWKS_URL: 'https://id.example/jwks' });
    expect(found).toEqual({ 'JWT_SECRET, JWT_JWKS_URL': 'exclude each other; set exactly one' });
  });

  it('refuses production without any, naming the three', () => {
    expect(Object.keys(problems({ NODE_ENV: 'production' }))).toEqual([
      'JWT_SECRET, JWT_PUBLIC_KEY, JWT_JWKS_URL',
    ]);
  });

  it.each([
    ['rsa', { modulusLength: 2048 }],
    ['rsa-pss', { modulusLength: 2048 }],
    ['ec', { namedCurve: 'P-256' }],
    ['ec', { namedCurve: 'P-384' }],
    ['ec', { namedCurve: 'P-521' }],
    ['ed25519', {}],
  ])('accepts an %s public key %o, also with \\n for line ends', (type, options) => {
    const pem = publicPem(type, options);
    expect(loadConfig({ JWT_PUBLIC_KEY: pem.replaceAll('\n', '\\n') }).jwt.key).toEqual({
      kind: 'public-key',
      pem: pem.trim(),
    });
  });

  it.each([
    ['a short RSA key', publicPem('rsa', { modulusLength: 1024 }), 'at least 2048 bits'],
    ['a foreign curve', publicPem('ec', { namedCurve: 'secp256k1' }), 'must be an RSA'],
    ['a key that cannot sign', publicPem('x25519', {}), 'must be an RSA'],
    ['a broken PEM', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----', 'not a readable'],
    ['no PEM', 'AAAA', 'must be a PEM'],
  ])('refuses %s', (_what, JWT_PUBLIC_KEY, reason) => {
    expect(problems({ JWT_PUBLIC_KEY })['JWT_PUBLIC_KEY']).toContain(reason);
  });

  it('refuses a private key where a public one belongs', () => {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const JWT_PUBLIC_KEY = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    expect(problems({ JWT_PUBLIC_KEY })['JWT_PUBLIC_KEY']).toContain('private key');
  });

  it.each([
    ['ftp://id.example/jwks', false],
    ['https://user:pw@id.example/jwks', false],
    ['http://id.example/jwks', false],
    ['http://127.0.0.1:8080/jwks', true],
    ['https://id.example/jwks', true],
  ])('in production the key set at %s is accepted: %s', (JWT_JWKS_URL, accepted) => {
    expect(Object.keys(problems({ NODE_ENV: 'production', JWT_JWKS_URL }))).toEqual(
      accepted ? [] : ['JWT_JWKS_URL'],
    );
  });
});

describe('the generated secret', () => {
  it('is kept beside the database, for its owner only, and found again', () => {
    const home = mkdtempSync(join(folder, 'home-'));
    const environment = { DATABASE_URL: `sqlite:${join(home, 'sub/x.db')}` };
    const [first, second] = [loadConfig(environment).jwt.key, loadConfig(environment).jwt.key];
    expect(first).toEqual({ kind: 'secret', secret: expect.stringMatching(/^[\w-]{43}$/), generated: true });
    expect(second).toEqual(first);
    expect(statSync(join(home, 'sub/jwt-secret')).mode & 0o777).toBe(0o600);
  });

  it('stops the start when the kept one is damaged', () => {
    const home = mkdtempSync(join(folder, 'home-'));
    writeFileSync(join(home, 'jwt-secret'), 'short');
    expect(problems({ DATABASE_URL: `sqlite:${join(home, 'x.db')}` })['JWT_SECRET']).toContain('is damaged');
  });

  it('is not made when something else is wrong', () => {
    const home = mkdtempSync(join(folder, 'home-'));
    expect(problems({ PORT: 'x', DATABASE_URL: `sqlite:${join(home, 'x.db')}` })).toHaveProperty('PORT');
    expect(() => readFileSync(join(home, 'jwt-secret'))).toThrow('ENOENT');
  });
});

describe('TLS', () => {
  const pair = resolve(import.meta.dirname, '../../test/support/tls');
  const key = join(pair, 'key.pem');
  const cert = join(pair, 'cert.pem');

  it('holds the text of both files', () => {
    const { tls } = loadConfig({ ...base, TLS_CERT: cert, TLS_KEY: key }).http;
    expect(tls?.cert).toContain('BEGIN CERTIFICATE');
    expect(tls?.key).toContain('PRIVATE KEY');
  });

  it('refuses one without the other, unreadable files and a wrong pair', () => {
    expect(Object.keys(problems({ ...base, TLS_CERT: cert }))).toEqual(['TLS_KEY']);
    expect(Object.keys(problems({ ...base, TLS_KEY: key }))).toEqual(['TLS_CERT']);
    const missing = { ...base, TLS_CERT: join(folder, 'no'), TLS_KEY: join(folder, 'no') };
    expect(Object.keys(problems(missing))).toEqual(['TLS_CERT', 'TLS_KEY']);
    expect(Object.keys(problems({ ...base, TLS_CERT: key, TLS_KEY: cert }))).toEqual(['TLS_CERT, TLS_KEY']);
  });
});
