import { z } from 'zod';
import type { Parser } from './env-parsers.js';

export type DatabaseLocation = { type: 'sqlite'; path: string } | { type: 'mysql'; url: string };

/** The path that stands for a database without a file. */
export const MEMORY_PATH = ':memory:';

function sqliteLocation(rest: string): DatabaseLocation | undefined {
  const path = rest.startsWith('///') ? rest.slice(2) : rest;
  return path === '' || path.startsWith('//') ? undefined : { type: 'sqlite', path };
}

function mysqlLocation(text: string): DatabaseLocation | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url?.hostname || url.pathname.length < 2) return undefined;
  return { type: 'mysql', url: text.replace(/^mariadb:/, 'mysql:') };
}

/** `sqlite:<path>` or `mysql://user:pass@host:3306/name`; the refusal never quotes it, for it may hold a password. */
export const databaseUrl = (): Parser<DatabaseLocation> =>
  z.string().transform((given, context) => {
    const text = given.trim();
    const location = text.startsWith('sqlite:') ? sqliteLocation(text.slice('sqlite:'.length)) : undefined;
    const found = location ?? (/^(mysql|mariadb):/.test(text) ? mysqlLocation(text) : undefined);
    if (found) return found;
    context.addIssue('must be sqlite:<path> or mysql://user:password@host:3306/name');
    return z.NEVER;
  });

/** Only the in-memory broker exists in this version; the names of those to come are told apart from nonsense. */
export const brokerUrl = (): Parser<'memory:'> =>
  z.string().transform((given, context) => {
    if (given.trim() === 'memory:') return 'memory:' as const;
    const planned = /^(redis|rediss|kafka):/.exec(given.trim())?.[1];
    context.addIssue(planned ? `${planned}: is not served by this version; use memory:` : 'must be memory:');
    return z.NEVER;
  });
