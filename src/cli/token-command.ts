import { parseArgs } from 'node:util';
import { TokenIssuer, type TokenRequest } from '../auth/index.js';
import { isUserId } from '../common/user-id.js';
import { type AppConfig, ConfigError } from '../config/index.js';
import { parseDuration } from './duration.js';

const USAGE = `Usage: npm run -s token -- --user <id> [--role <role>]... [--name <name>] [--ttl 1h]
  --user  the user id (required)
  --role  a role such as admin; may be repeated
  --name  the display name
  --ttl   how long it is valid: 90s, 15m, 1h, 7d (default 1h)`;

const OPTIONS = {
  user: { type: 'string' },
  role: { type: 'string', multiple: true },
  name: { type: 'string' },
  ttl: { type: 'string', default: '1h' },
  help: { type: 'boolean', short: 'h' },
} as const;

class UsageError extends Error {}

export interface CommandResult {
  exitCode: number;
  stdout?: string;
  stderr?: string;
}

function parse(args: readonly string[]): TokenRequest | undefined {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  if (values.help) return undefined;
  if (values.user === undefined) throw new UsageError('--user is required');
  if (!isUserId(values.user)) throw new UsageError('--user is not a user id');
  const ttl = parseDuration(values.ttl);
  if (ttl === undefined) throw new UsageError('--ttl must be such as 90s, 15m, 1h or 7d');
  return { userId: values.user, roles: values.role, name: values.name, ttl };
}

/** Prints a token and nothing else on stdout, so that it can be piped; exits 2 for a wrong call, 1 for a wrong set-up. */
export async function tokenCommand(
  args: readonly string[],
  loadConfig: () => AppConfig,
): Promise<CommandResult> {
  try {
    const request = parse(args);
    if (!request) return { exitCode: 0, stderr: USAGE };
    return { exitCode: 0, stdout: await new TokenIssuer(loadConfig()).issue(request) };
  } catch (error) {
    if (error instanceof UsageError || isParseError(error))
      return { exitCode: 2, stderr: `${error.message}\n\n${USAGE}` };
    return { exitCode: 1, stderr: error instanceof ConfigError ? error.message : (error as Error).message };
  }
}

function isParseError(error: unknown): error is Error {
  return error instanceof Error && String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS');
}
