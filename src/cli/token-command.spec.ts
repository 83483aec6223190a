import { describe, expect, it } from 'vitest';
import { createTokenVerifier } from '../auth/index.js';
import { type AppConfig, ConfigError } from '../config/index.js';
import { FAMILIES } from '../../test/support/signed-tokens.js';
import { tokenCommand } from './token-command.js';

const config = {
  jwt: { key: FAMILIES['HS256']!.key, userClaims: ['sub'], leeway: 5, requireExpiry: true },
} as unknown as AppConfig;
const run = (...args: string[]) => tokenCommand(args, () => config);

describe('token command', () => {
  it('prints a token and nothing else', async () => {
    const result = await run(
      '--user',
      'alice',
      '--role',
      'admin',
      '--role',
      'x',
      '--name',
      'Alice',
      '--ttl',
      '15m',
    );
    expect(result).toEqual({ exitCode: 0, stdout: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/) });
    const principal = await createTokenVerifier(config).verify(result.stdout!);
    expect(principal).toMatchObject({ userId: 'alice', roles: ['admin', 'x'], name: 'Alice' });
    expect(Math.round((principal.expiresAt! - Date.now()) / 1000)).toBeCloseTo(900, -1);
  });

  it.each([
    [[], '--user is required'],
    [['--user', ''], '--user is not a user id'],
    [['--user', 'a', '--ttl', '1 hour'], '--ttl must be'],
    [['--user', 'a', '--ttl', '0s'], '--ttl must be'],
    [['--user', 'a', '--ttl', '9999d'], '--ttl must be'],
    [['--user', 'a', '--rolle', 'x'], '--rolle'],
    [['alice'], 'alice'],
    [['--user'], '--user'],
  ])('explains the wrong call %j and exits 2', async (args, reason) => {
    const { exitCode, stdout, stderr } = await run(...args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: undefined });
    expect(stderr).toContain(reason);
    expect(stderr).toContain('Usage:');
  });

  it('exits 1 for a wrong set-up', async () => {
    const wrong = () => {
      throw new ConfigError([{ variable: 'PORT', reason: 'must be a number' }]);
    };
    expect(await tokenCommand(['--user', 'a'], wrong)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('PORT'),
    });
    const publicOnly = { jwt: { ...config.jwt, key: FAMILIES['ES256']!.key } } as unknown as AppConfig;
    const refused = await tokenCommand(['--user', 'a'], () => publicOnly);
    expect(refused).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('no secret') });
  });
});
