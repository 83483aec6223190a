import type { z } from 'zod';
import type { AppConfig } from './app-config.js';
import { ConfigError, type ConfigProblem } from './config-error.js';
import { ENV, type VariableName } from './env.schema.js';
import { loadConfig } from './load-config.js';
import { knownNames } from './unknown-variables.js';

/** `WS_MAX_CONNECTIONS` is `wsMaxConnections`. */
type CamelCase<Name extends string> = Name extends `${infer Word}_${infer Rest}`
  ? `${Lowercase<Word>}${Capitalize<CamelCase<Rest>>}`
  : Lowercase<Name>;

/** Settings of the server itself: where the application is somebody else's, so are its port, its keys and its log. */
const OF_THE_SERVER = ['PORT', 'HOST', 'TLS_CERT', 'TLS_KEY', 'LOG_LEVEL', 'CHAT_PAGE'] as const;
type OfTheServer = (typeof OF_THE_SERVER)[number];

/** How a value is given in code: lists as lists, what is written as an address as text. */
type Given<T> = T extends boolean | number | string | readonly string[] ? T : string;

/**
 * The variables of docs/configuration.md in camel case, `wsPath` for `WS_PATH`, in the same units and with the same
 * defaults. What is given here goes before the environment; what is not is read from it.
 */
export type RookeryOptions = {
  readonly [Name in Exclude<VariableName, OfTheServer> as CamelCase<Name>]?: Given<
    z.output<(typeof ENV)[Name]['parse']>
  >;
};

/** At most one of them may be set: one in the options takes the place of another in the environment. */
const KEYS = ['JWT_SECRET', 'JWT_PUBLIC_KEY', 'JWT_JWKS_URL'];

const isOfTheServer = (name: string): boolean => (OF_THE_SERVER as readonly string[]).includes(name);

const camelCase = (name: string): string =>
  name.toLowerCase().replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

const OPTIONS: ReadonlyMap<string, string> = new Map(
  Object.keys(ENV)
    .filter((name) => !isOfTheServer(name))
    .map((name) => [camelCase(name), name]),
);

/**
 * Settings for an application of somebody else's, whose environment also has variables that are none of ours.
 *
 * @throws ConfigError that names every wrong setting by its variable.
 */
export function loadOptions(
  options: RookeryOptions = {},
  environment: NodeJS.ProcessEnv = process.env,
): AppConfig {
  const given = new Map<string, string>();
  const problems: ConfigProblem[] = [];
  for (const [option, value] of Object.entries(options)) {
    const variable = OPTIONS.get(option);
    if (!variable) problems.push({ variable: option, reason: 'is not an option' });
    else if (value !== undefined) given.set(variable, String(value));
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return loadConfig({ ...settingsOf(environment, given), ...Object.fromEntries(given), CHAT_PAGE: 'false' });
}

/** What is ours in an environment, without what the options replace. */
function settingsOf(environment: NodeJS.ProcessEnv, given: ReadonlyMap<string, string>): NodeJS.ProcessEnv {
  const hasKey = KEYS.some((name) => given.has(name));
  const isReplaced = (name: string): boolean => given.has(name) || (hasKey && KEYS.includes(name));
  const names = knownNames().filter((name) => {
    const variable = name in ENV ? name : name.replace(/_FILE$/, '');
    return !isOfTheServer(variable) && !isReplaced(variable);
  });
  return Object.fromEntries(names.map((name) => [name, environment[name]]));
}
