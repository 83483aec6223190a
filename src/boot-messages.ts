import type { AppConfig } from './config/index.js';
import { ConfigError, describeVariables } from './config/index.js';

type Http = Pick<AppConfig['http'], 'host' | 'port' | 'chatPage'>;

const LOOPBACK = /^(localhost|::1|127(\.\d{1,3}){3})$/i;

/** For who asks with `--help` or `-h`; undefined for anybody else. */
export function helpFor(args: readonly string[]): string | undefined {
  if (!args.some((argument) => argument === '--help' || argument === '-h')) return undefined;
  return `Usage: node dist/main.js

Starts Rookery. It takes no arguments; everything is set by environment variables, or in a file .env in
the working directory:

${describeVariables()}`;
}

/** What a start that failed says: one line, with the stack only for who debugs. Without a config none could be read. */
export function bootFailure(error: unknown, config?: Pick<AppConfig, 'logLevel'> & { http: Http }): string {
  if (error instanceof ConfigError) return error.message;
  const line = `Rookery did not start: ${reasonOf(error, config?.http)}`;
  const debugging = config?.logLevel === 'debug' || config?.logLevel === 'trace';
  return debugging && error instanceof Error ? `${line}\n${error.stack}` : line;
}

function reasonOf(error: unknown, http?: Http): string {
  if (!(error instanceof Error)) return String(error);
  const { code, syscall, hostname } = error as NodeJS.ErrnoException & { hostname?: string };
  const text = (error.message || code || error.name).replaceAll(/\s*\n\s*/g, ' ');
  const listening = syscall === 'listen' || (syscall === 'getaddrinfo' && hostname === http?.host);
  return http && listening ? `it cannot listen on PORT ${http.port} of HOST ${http.host}: ${text}` : text;
}

/** What a start that succeeded says. */
export function announcement(url: string, { host, chatPage }: Http): string {
  const address = url.replace('[::1]', 'localhost').replace('0.0.0.0', 'localhost');
  return [
    `Rookery is ready at ${address}`,
    ...(chatPage ? [`  chat page  ${address}/chat`] : []),
    `  API docs   ${address}/docs`,
    ...(chatPage && !LOOPBACK.test(host)
      ? [
          '  WARNING    who reaches this port can sign in under any name: set CHAT_PAGE=false or HOST=127.0.0.1',
        ]
      : []),
  ].join('\n');
}
