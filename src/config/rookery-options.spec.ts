import { describe, expect, it } from 'vitest';
import { ConfigError } from './config-error.js';
import { loadOptions } from './rookery-options.js';

const SECRET = 'x'.repeat(8) + '0123456789abcdef0123456789abcdef0123456789abcdef';
const ENVIRONMENT = { DATABASE_URL: 'mysql://a:b@db/shop', JWT_SECRET: SECRET };

describe(loadOptions.name, () => {
  it('goes before the environment, in the same units, and reads the rest from it', () => {
    const config = loadOptions(
      { wsPingInterval: 5, wsOrigins: ['https://a.example', 'https://b.example'], wsQueryToken: false },
      { ...ENVIRONMENT, WS_PING_INTERVAL: '7', WS_PONG_TIMEOUT: '90' },
    );
    expect(config.ws).toMatchObject({
      pingInterval: 5000,
      pongTimeout: 90_000,
      origins: ['https://a.example', 'https://b.example'],
      queryToken: false,
    });
    expect(config.database).toMatchObject({ type: 'mysql' });
  });

  it('passes over variables of the application: its port, its log, and names that only look like ours', () => {
    const environment = {
      ...ENVIRONMENT,
      PORT: '\\\\.\\pipe\\app',
      LOG_LEVEL: 'verbose',
      JWT_EXPIRES_IN: '60s',
      CHAT_PAGE: 'true',
    };
    expect(loadOptions({}, environment).http.chatPage).toBe(false);
  });

  it('a key in the options takes the place of another in the environment, and of its file', () => {
    const jwtJwksUrl = 'https://id.example/jwks';
    expect(loadOptions({ jwtJwksUrl }, ENVIRONMENT).jwt.key).toMatchObject({ kind: 'jwks' });
    const fromFile = { ...ENVIRONMENT, JWT_SECRET: undefined, JWT_SECRET_FILE: '/nowhere' };
    expect(loadOptions({ jwtSecret: SECRET }, fromFile).jwt.key).toMatchObject({ secret: SECRET });
  });

  it('names what is wrong by its variable, and what is none as it was written', () => {
    expect(() => loadOptions({ wsPath: 'ws' }, ENVIRONMENT)).toThrow(/WS_PATH: must be a path/);
    expect(() => loadOptions({ port: 1 } as object, ENVIRONMENT)).toThrow(ConfigError);
  });
});
