import { existsSync } from 'node:fs';
import type { AppConfig, JwtKeySource } from './app-config.js';
import { ConfigError, type ConfigProblem } from './config-error.js';
import { MEMORY_PATH } from './database-url.js';
import type { EnvValues } from './env.schema.js';
import { givenKey, jwtKeyProblems } from './jwt-key.js';
import { jwtSecretPath, keptSecret } from './jwt-secret-file.js';
import { readEnvironment } from './read-environment.js';
import { loadTls } from './tls-files.js';

/** Whether two values that are right alone are right together. */
function relationProblems(values: EnvValues): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const expect = (holds: boolean, variable: string, reason: string) => {
    if (!holds) problems.push({ variable, reason });
  };
  const { DATABASE_URL: database } = values;
  const durable = database.type === 'mysql' || database.path !== MEMORY_PATH;
  expect(
    values.WS_PONG_TIMEOUT > values.WS_PING_INTERVAL,
    'WS_PONG_TIMEOUT',
    'must be longer than WS_PING_INTERVAL',
  );
  expect(
    values.WS_SEND_BUFFER >= values.WS_MAX_MESSAGE_SIZE,
    'WS_SEND_BUFFER',
    'must be at least WS_MAX_MESSAGE_SIZE',
  );
  expect(
    values.MODERATION_URL === undefined || signingKey(values.MODERATION_SECRET) !== undefined,
    'MODERATION_SECRET',
    'must be whsec_ and 24 to 64 bytes in base64',
  );
  expect(
    durable || values.DATABASE_ALLOW_LOSSY,
    'DATABASE_URL',
    'in memory loses everything; set DATABASE_ALLOW_LOSSY=true',
  );
  return problems;
}

/** A secret of Standard Webhooks: 24 to 64 bytes in base64, behind `whsec_`. */
function signingKey(secret: string | undefined): Buffer | undefined {
  if (!secret?.startsWith('whsec_')) return undefined;
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  return key.length >= 24 && key.length <= 64 ? key : undefined;
}

function policyConfig(values: EnvValues): AppConfig['policy'] {
  const key = signingKey(values.MODERATION_SECRET);
  const { MODERATION_URL: url, MODERATION_TIMEOUT: timeout, MODERATION_ON_FAILURE: onFailure } = values;
  const messages = values.MESSAGE_POLICY;
  return url && key ? { messages, moderation: { url, key, timeout, onFailure } } : { messages };
}

function contactsConfig(values: EnvValues): AppConfig['contacts'] {
  const { CONTACTS_URL: url, CONTACTS_TOKEN: token, CONTACTS_TIMEOUT: timeout } = values;
  return url ? { url, token, timeout, ttl: values.CONTACTS_TTL, stale: values.CONTACTS_STALE } : undefined;
}

function databaseConfig(values: EnvValues): AppConfig['database'] {
  const shared = { migrate: values.DATABASE_MIGRATE, allowLossy: values.DATABASE_ALLOW_LOSSY };
  const location = values.DATABASE_URL;
  if (location.type === 'sqlite') return { ...location, ...shared };
  return { ...location, ...shared, poolSize: values.DATABASE_POOL_SIZE, timeout: values.DATABASE_TIMEOUT };
}

function httpConfig(values: EnvValues, tls: AppConfig['http']['tls']): AppConfig['http'] {
  return {
    port: values.PORT,
    host: values.HOST,
    tls,
    trustedProxies: values.TRUSTED_PROXIES,
    ipBlocklist: values.IP_BLOCKLIST,
    shutdownDrain: values.SHUTDOWN_DRAIN,
    chatPage: values.CHAT_PAGE ?? values.NODE_ENV !== 'production',
    iceServers: values.CHAT_PAGE_ICE_SERVERS,
    turnSecret: values.CHAT_PAGE_TURN_SECRET,
  };
}

function attachmentsConfig(values: EnvValues): AppConfig['attachments'] {
  return {
    location: values.ATTACHMENTS_URL,
    maxSize: values.ATTACHMENT_MAX_SIZE,
    types: values.ATTACHMENT_TYPES,
    maxPending: values.ATTACHMENT_MAX_PENDING,
    maxUploads: values.ATTACHMENT_MAX_UPLOADS,
    orphanAfter: values.ATTACHMENT_ORPHAN_AFTER,
  };
}

function jwtConfig(values: EnvValues, key: JwtKeySource): AppConfig['jwt'] {
  return {
    key,
    issuer: values.JWT_ISSUER,
    audience: values.JWT_AUDIENCE,
    userClaims: values.JWT_USER_CLAIM,
    leeway: values.JWT_LEEWAY,
    requireExpiry: values.JWT_REQUIRE_EXPIRY,
  };
}

function wsConfig(values: EnvValues): AppConfig['ws'] {
  return {
    path: values.WS_PATH,
    dialects: values.WS_DIALECTS,
    origins: values.WS_ORIGINS,
    maxConnections: values.WS_MAX_CONNECTIONS,
    maxConnectionsPerUser: values.WS_MAX_CONNECTIONS_PER_USER,
    maxConnectionsPerIp: values.WS_MAX_CONNECTIONS_PER_IP,
    pingInterval: values.WS_PING_INTERVAL,
    pongTimeout: values.WS_PONG_TIMEOUT,
    authTimeout: values.WS_AUTH_TIMEOUT,
    maxMessageSize: values.WS_MAX_MESSAGE_SIZE,
    sendBuffer: values.WS_SEND_BUFFER,
    sessionPolicy: values.WS_SESSION_POLICY,
    queryToken: values.WS_QUERY_TOKEN,
    compression: values.WS_COMPRESSION,
    rateLimit: values.WS_RATE_LIMIT,
    userRateLimit: values.WS_USER_RATE_LIMIT,
    handshakeRate: values.WS_HANDSHAKE_RATE,
  };
}

function pushConfig(values: EnvValues): AppConfig['push'] {
  const { PUSH_WEBHOOK_URL: url, PUSH_WEBHOOK_SECRET: secret } = values;
  const { PUSH_VAPID_PUBLIC_KEY: publicKey, PUSH_VAPID_PRIVATE_KEY: privateKey } = values;
  const subject = values.PUSH_VAPID_SUBJECT;
  return {
    delay: values.PUSH_DELAY,
    ...(url && secret && { webhook: { url, secret } }),
    ...(publicKey && privateKey && subject && { vapid: { publicKey, privateKey, subject } }),
    allowPrivate: values.PUSH_ALLOW_PRIVATE,
    concurrency: values.PUSH_CONCURRENCY,
    maxAttempts: values.PUSH_MAX_ATTEMPTS,
    retryDelay: values.PUSH_RETRY_DELAY,
    timeout: values.PUSH_TIMEOUT,
    outboxLimit: values.PUSH_OUTBOX_LIMIT,
  };
}

/** Settings that are nothing without each other. */
const TOGETHER = [
  ['PUSH_WEBHOOK_URL', 'PUSH_WEBHOOK_SECRET'],
  ['PUSH_VAPID_PUBLIC_KEY', 'PUSH_VAPID_PRIVATE_KEY', 'PUSH_VAPID_SUBJECT'],
] as const;

function missingCompanions(values: EnvValues): ConfigProblem[] {
  return TOGETHER.filter((group) => group.some((name) => values[name] !== undefined)).flatMap((group) =>
    group
      .filter((name) => values[name] === undefined)
      .map((variable) => ({ variable, reason: `must be set together with ${group.join(', ')}` })),
  );
}

function generatedKey(values: EnvValues): JwtKeySource {
  const path = jwtSecretPath(values.DATABASE_URL);
  try {
    return { kind: 'secret', secret: keptSecret(path), generated: true };
  } catch (error) {
    const reason = `is not set, and none could be kept in ${path}: ${(error as Error).message}`;
    throw new ConfigError([{ variable: 'JWT_SECRET', reason }]);
  }
}

/** Reads and checks the whole environment; throws one ConfigError that names every wrong variable. */
export function loadConfig(environment: NodeJS.ProcessEnv): AppConfig {
  const { values, problems } = readEnvironment(environment);
  const tls = loadTls(values.TLS_CERT, values.TLS_KEY);
  // A value that did not parse is absent here, which must not be reported a second time.
  if (problems.length === 0) problems.push(...relationProblems(values), ...missingCompanions(values));
  if (!problems.some(({ variable }) => variable.startsWith('JWT_'))) problems.push(...jwtKeyProblems(values));
  problems.push(...tls.problems);
  if (problems.length > 0) throw new ConfigError(problems);
  return {
    production: values.NODE_ENV === 'production',
    logLevel: values.LOG_LEVEL,
    http: httpConfig(values, tls.files),
    policy: policyConfig(values),
    contacts: contactsConfig(values),
    calls: { ringTimeout: values.CALL_RING_TIMEOUT, reconnectGrace: values.CALL_RECONNECT_GRACE },
    database: databaseConfig(values),
    attachments: attachmentsConfig(values),
    presence: { store: values.PRESENCE_STORE },
    jwt: jwtConfig(values, givenKey(values) ?? generatedKey(values)),
    ws: wsConfig(values),
    search: { enabled: values.SEARCH_ENABLED },
    push: pushConfig(values),
    groups: {
      maxMembers: values.GROUP_MAX_MEMBERS,
      maxGroups: values.GROUP_MAX_PER_USER,
      inviteTtl: values.GROUP_INVITE_TTL,
    },
    chat: {
      editWindow: values.CHAT_EDIT_WINDOW,
      recallWindow: values.CHAT_RECALL_WINDOW,
      broadcastRate: values.CHAT_BROADCAST_RATE,
    },
  };
}

/** The same from `process.env`, after `.env` of the working directory, which overrides nothing that is already set. */
export function loadEnvironment(): AppConfig {
  if (existsSync('.env')) process.loadEnvFile('.env');
  return loadConfig(process.env);
}
