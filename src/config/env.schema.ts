import type { z } from 'zod';
import { attachmentsUrl } from './attachments-url.js';
import { brokerUrl, databaseUrl } from './database-url.js';
import {
  addresses,
  dialects,
  flag,
  httpUrl,
  iceServers,
  integer,
  mediaTypes,
  names,
  oneOf,
  origins,
  type Parser,
  pem,
  seconds,
  text,
  webhookSecret,
  webSocketPath,
} from './env-parsers.js';

/** One setting of the server, as it is read, documented and listed in `.env.example`. */
export interface Variable<T = unknown> {
  parse: Parser<T>;
  /** What the number counts; absent: it has no unit. */
  unit?: string;
  /** As text, parsed like a given value; absent: the setting is off or derived, as the description says. */
  default?: string;
  /** One sentence. */
  description: string;
  /** Its value never appears in a message. */
  secret?: boolean;
  /** May also be given as `<NAME>_FILE`, the path of a file that holds it. */
  fileVariant?: boolean;
}

const MiB = 1024 * 1024;
const DAY = 86_400;
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** Every variable the server reads. `.env.example` and `docs/configuration.md` are held equal to it by a test. */
export const ENV = {
  NODE_ENV: {
    parse: oneOf('development', 'test', 'production'),
    default: 'development',
    description:
      'In `production` there is no default key, no chat page, and browsers must come from the same host or a listed origin.',
  },
  LOG_LEVEL: {
    parse: oneOf(...LOG_LEVELS),
    default: 'info',
    description:
      'The least level that is logged: `fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`.',
  },

  PORT: {
    parse: integer(0, 65_535),
    default: '3000',
    description: 'The TCP port for HTTP and WebSocket; 0 takes any free one.',
  },
  HOST: { parse: text(), default: '0.0.0.0', description: 'The address to listen on.' },
  TLS_CERT: {
    parse: text(),
    description:
      'The path of a PEM certificate chain; with `TLS_KEY` the server speaks HTTPS and WSS itself.',
  },
  TLS_KEY: { parse: text(), description: 'The path of the PEM private key of `TLS_CERT`.' },
  TRUSTED_PROXIES: {
    parse: addresses(),
    default: '',
    description:
      'Addresses or CIDR ranges, comma-separated, whose `X-Forwarded-For` is believed; empty believes nobody.',
  },
  IP_BLOCKLIST: {
    parse: addresses(),
    default: '',
    description: 'Addresses or CIDR ranges, comma-separated, that are refused before anything else.',
  },
  SHUTDOWN_DRAIN: {
    parse: seconds(0, 3600),
    unit: 'seconds',
    default: '10',
    description: 'The time from SIGTERM to the last close, over which clients are told to move.',
  },
  CHAT_PAGE: {
    parse: flag(),
    description:
      'Serves the chat page and its demo sign-in, which signs anybody in; unset means `true` outside production and `false` in it.',
  },
  CHAT_PAGE_ICE_SERVERS: {
    parse: iceServers(),
    default: '',
    description:
      'Servers that help calls of the chat page through routers: `stun:`, `turn:` and `turns:` addresses, comma-separated; empty: calls only where browsers reach one another directly.',
  },
  CHAT_PAGE_TURN_SECRET: {
    parse: text(),
    description:
      'The secret of these TURN servers (`static-auth-secret` of coturn), from which each sign-in gets credentials for 12 hours.',
    secret: true,
    fileVariant: true,
  },

  DATABASE_URL: {
    parse: databaseUrl(),
    default: 'sqlite:data/rookery.db',
    description: 'The store: `sqlite:<path>` or `mysql://user:password@host:3306/name`.',
    secret: true,
    fileVariant: true,
  },
  DATABASE_MIGRATE: { parse: flag(), default: 'true', description: 'Runs pending migrations at the start.' },
  DATABASE_ALLOW_LOSSY: {
    parse: flag(),
    default: 'false',
    description: 'Starts even on a store that may lose acknowledged messages on a power failure.',
  },
  DATABASE_POOL_SIZE: {
    parse: integer(1, 1000),
    unit: 'connections',
    default: '10',
    description: 'The largest number of MySQL connections of this node; SQLite has one.',
  },
  DATABASE_TIMEOUT: {
    parse: seconds(0.1, 600),
    unit: 'seconds',
    default: '10',
    description: 'The longest wait for a MySQL connect, a free connection or a query.',
  },
  ATTACHMENTS_URL: {
    parse: attachmentsUrl(),
    default: 'file:data/attachments',
    description:
      'Where files lie: `file:<folder>`, or `s3+https://<access key>:<secret key>@<host>/<bucket>?region=<region>`.',
    secret: true,
    fileVariant: true,
  },
  ATTACHMENT_MAX_SIZE: {
    parse: integer(1, 1024 * MiB),
    unit: 'bytes',
    default: '26214400',
    description: 'The largest file that is taken.',
  },
  ATTACHMENT_TYPES: {
    parse: mediaTypes(),
    default: '*/*',
    description:
      'The media types that are taken, comma-separated, such as `image/*,application/pdf`; a type is told by the first bytes of the file.',
  },
  ATTACHMENT_MAX_PENDING: {
    parse: integer(1, 1024 * 1024 * MiB),
    unit: 'bytes',
    default: '262144000',
    description:
      'What a user may have uploaded that no message refers to, each file counted as 4096 at least.',
  },
  ATTACHMENT_MAX_UPLOADS: {
    parse: integer(1, 10_000),
    unit: 'uploads',
    default: '50',
    description:
      'The most uploads at the same time on this node; of one user a tenth of it, and at least two.',
  },
  ATTACHMENT_ORPHAN_AFTER: {
    parse: seconds(1, 365 * DAY),
    unit: 'seconds',
    default: '86400',
    description: 'The age at which a file is removed that no message refers to.',
  },
  BROKER_URL: {
    parse: brokerUrl(),
    default: 'memory:',
    description: 'What carries hints between nodes; this version serves one node, `memory:`.',
    secret: true,
    fileVariant: true,
  },

  PRESENCE_STORE: {
    parse: oneOf('memory', 'database'),
    default: 'memory',
    description:
      'Where it is kept who is connected to which node: `memory` for one node, `database` for several that share one.',
  },

  JWT_SECRET: {
    parse: text(),
    unit: 'bytes, at least 32',
    description:
      'The shared secret of HS256, HS384 and HS512 tokens; outside production a random one is made once when no key is given.',
    secret: true,
    fileVariant: true,
  },
  JWT_PUBLIC_KEY: {
    parse: pem(),
    description: 'A PEM public key for RS, PS, ES or EdDSA tokens, instead of `JWT_SECRET`.',
    fileVariant: true,
  },
  JWT_JWKS_URL: {
    parse: httpUrl(),
    description:
      'The address of a JSON Web Key Set, instead of `JWT_SECRET`; in production it must be https, or on this machine.',
  },
  JWT_ISSUER: { parse: text(), description: 'The `iss` that a token must carry; unset does not look at it.' },
  JWT_AUDIENCE: {
    parse: text(),
    description: 'The `aud` that a token must carry, alone or in its list; unset does not look at it.',
  },
  JWT_USER_CLAIM: {
    parse: names(),
    default: 'sub',
    description: 'The claim that holds the user id; of a comma-separated list the first present is taken.',
  },
  JWT_LEEWAY: {
    parse: integer(0, 60),
    unit: 'seconds',
    default: '5',
    description: 'The clock difference that is forgiven for `exp`, `nbf` and `iat`.',
  },
  JWT_REQUIRE_EXPIRY: { parse: flag(), default: 'false', description: 'Refuses tokens that never expire.' },
  JWT_ALLOW_WEAK_SECRET: {
    parse: flag(),
    default: 'false',
    description:
      'Starts even with a secret that is short or publicly known, so that anybody may forge a token.',
  },

  WS_PATH: {
    parse: webSocketPath(),
    default: '/ws',
    description: 'The path of the WebSocket; none that REST or a page has.',
  },
  WS_DIALECTS: {
    parse: dialects(),
    default: 'melody:/api/ws/connect,kama:/wss,skyeim:/ws/skyeim,gozero:/ws/gozero',
    description:
      'The paths on which clients of older protocols connect; `none` is none. One that takes `WS_PATH` leaves it to native clients that offer `rookery.v1`.',
  },
  WS_ORIGINS: {
    parse: origins(),
    default: '',
    description:
      'The exact origins of the browser pages that may connect, comma-separated; empty means the same host in production and any otherwise.',
  },
  WS_MAX_CONNECTIONS: {
    parse: integer(1, 1_000_000),
    unit: 'connections',
    default: '10000',
    description:
      'The most connections of this node; a tenth of them, at least 10, may wait for a token in the first frame.',
  },
  WS_MAX_CONNECTIONS_PER_USER: {
    parse: integer(0, 1_000_000),
    unit: 'connections',
    default: '100',
    description:
      'The most connections of one user on this node, without those that a new one replaces; 0 is no limit.',
  },
  WS_MAX_CONNECTIONS_PER_IP: {
    parse: integer(0, 1_000_000),
    unit: 'connections',
    default: '0',
    description:
      'The most connections from one address or IPv6 /64; 0 is no limit, for whole offices share one.',
  },
  WS_PING_INTERVAL: {
    parse: seconds(0.05, DAY),
    unit: 'seconds',
    default: '30',
    description: 'The time between two pings of the server.',
  },
  WS_PONG_TIMEOUT: {
    parse: seconds(0.05, DAY),
    unit: 'seconds',
    default: '60',
    description:
      'The time without any sign of life after which a connection is closed; longer than `WS_PING_INTERVAL`.',
  },
  WS_AUTH_TIMEOUT: {
    parse: seconds(0.05, 300),
    unit: 'seconds',
    default: '5',
    description: 'The time a connection has to bring a valid token in its first frame.',
  },
  WS_MAX_MESSAGE_SIZE: {
    parse: integer(1024, 16 * MiB),
    unit: 'bytes',
    default: '65536',
    description: 'The largest frame a client may send.',
  },
  WS_SEND_BUFFER: {
    parse: integer(1024, 1024 * MiB),
    unit: 'bytes',
    default: '1048576',
    description:
      'What may wait for one slow connection before the server stops pushing to it and rereads the journal later.',
  },
  WS_SESSION_POLICY: {
    parse: oneOf('multi', 'single', 'per-platform'),
    default: 'multi',
    description:
      'How many connections a user keeps: `multi` (all), `single` (the newest) or `per-platform` (the newest of each).',
  },
  WS_QUERY_TOKEN: {
    parse: flag(),
    default: 'true',
    description:
      'Accepts the token in the query string, which old clients need; it is kept out of the logs either way.',
  },
  WS_COMPRESSION: {
    parse: flag(),
    default: 'false',
    description: 'Compresses messages of 1 KiB and more for clients that offer permessage-deflate.',
  },
  WS_RATE_LIMIT: {
    parse: integer(1, 1_000_000),
    unit: 'commands per second',
    default: '1000',
    description: 'The most commands of one connection.',
  },
  WS_USER_RATE_LIMIT: {
    parse: integer(1, 1_000_000),
    unit: 'commands per second',
    default: '2000',
    description: 'The most commands of one user over all connections of this node, and messages over REST.',
  },
  WS_HANDSHAKE_RATE: {
    parse: integer(1, 1_000_000),
    unit: 'handshakes per second',
    default: '2000',
    description: 'The most WebSocket handshakes from one address or IPv6 /64, averaged over 10 seconds.',
  },

  GROUP_MAX_MEMBERS: {
    parse: integer(1, 10_000_000),
    unit: 'members',
    default: '100000',
    description: 'The most members of one group.',
  },
  GROUP_MAX_PER_USER: {
    parse: integer(1, 1_000_000),
    unit: 'groups',
    default: '1000',
    description: 'The most groups that a user may be a member of by his own doing.',
  },
  GROUP_INVITE_TTL: {
    parse: seconds(1, 365 * DAY),
    unit: 'seconds',
    default: '604800',
    description:
      'The time an invitation to a group is good for, and the wait before who was turned down may ask again.',
  },

  CHAT_EDIT_WINDOW: {
    parse: seconds(0, 3650 * DAY),
    unit: 'seconds',
    default: '86400',
    description: 'The time for which users may edit a message of theirs; 0 is no limit.',
  },
  CHAT_RECALL_WINDOW: {
    parse: seconds(0, 3650 * DAY),
    unit: 'seconds',
    default: '172800',
    description:
      'The time for which users may recall a message of theirs; 0 is no limit. Owners and admins of a group have none.',
  },
  CHAT_BROADCAST_RATE: {
    parse: integer(0, 1_000_000),
    unit: 'messages per second',
    default: '5',
    description: 'The most messages of one user to everybody who is connected; 0 is none at all.',
  },

  MESSAGE_POLICY: {
    parse: oneOf('everybody', 'contacts'),
    default: 'everybody',
    description:
      'Who may write to a user directly, call him and show him that they type: `everybody` or his `contacts`; never whom he has blocked.',
  },
  CONTACTS_URL: {
    parse: httpUrl(),
    description:
      'The address of a service of yours that knows who are contacts and who is blocked; unset keeps them here.',
  },
  CONTACTS_TOKEN: {
    parse: text(),
    description: 'Sent to `CONTACTS_URL` as a bearer token.',
    secret: true,
    fileVariant: true,
  },
  CONTACTS_TIMEOUT: {
    parse: seconds(0.05, 60),
    unit: 'seconds',
    default: '2',
    description: 'The longest wait for an answer of `CONTACTS_URL`.',
  },
  CONTACTS_TTL: {
    parse: seconds(0, 3600),
    unit: 'seconds',
    default: '30',
    description: 'How long an answer of `CONTACTS_URL` is taken for true.',
  },
  CONTACTS_STALE: {
    parse: seconds(0, DAY),
    unit: 'seconds',
    default: '600',
    description:
      'How much longer it is while `CONTACTS_URL` does not answer; after that what depends on it is `unavailable`.',
  },
  MODERATION_URL: {
    parse: httpUrl(),
    description: 'The address of a service of yours that is asked about every message before it is stored.',
  },
  MODERATION_SECRET: {
    parse: text(),
    unit: 'bytes, 24 to 64, in base64 after `whsec_`',
    description: 'The key that signs the questions to `MODERATION_URL`, which needs it.',
    secret: true,
    fileVariant: true,
  },
  MODERATION_TIMEOUT: {
    parse: seconds(0.05, 60),
    unit: 'seconds',
    default: '2',
    description: 'The longest wait for an answer of `MODERATION_URL`; the sender waits as long.',
  },
  MODERATION_ON_FAILURE: {
    parse: oneOf('refuse', 'allow'),
    default: 'refuse',
    description:
      'What becomes of a message when `MODERATION_URL` does not answer: `refuse` (as `unavailable`, to be tried again) or `allow`.',
  },
  CALL_RING_TIMEOUT: {
    parse: seconds(0.1, 600),
    unit: 'seconds',
    default: '60',
    description: 'How long a call rings before it is missed.',
  },
  CALL_RECONNECT_GRACE: {
    parse: seconds(0, 600),
    unit: 'seconds',
    default: '15',
    description: 'How long a party of a call may be disconnected before the call ends.',
  },
  SEARCH_ENABLED: {
    parse: flag(),
    default: 'true',
    description: 'Indexes messages after they are stored, so that their readers can search them.',
  },

  PUSH_DELAY: {
    parse: seconds(0, 3600),
    unit: 'seconds',
    default: '5',
    description: 'The time a device has to say that it has an entry, before devices that are away are told.',
  },
  PUSH_WEBHOOK_URL: {
    parse: httpUrl(),
    description: 'Where to tell what reached no device, signed as Standard Webhooks; unset is off.',
  },
  PUSH_WEBHOOK_SECRET: {
    parse: webhookSecret(),
    description: 'The key of the signatures: `whsec_` and 24 to 64 bytes in base64.',
    secret: true,
    fileVariant: true,
  },
  PUSH_VAPID_PUBLIC_KEY: {
    parse: text(),
    description: 'The VAPID public key, base64url; with the next two, browsers are told by Web Push.',
  },
  PUSH_VAPID_PRIVATE_KEY: {
    parse: text(),
    description: 'The VAPID private key, base64url.',
    secret: true,
    fileVariant: true,
  },
  PUSH_VAPID_SUBJECT: {
    parse: text(),
    description: 'Who runs this server, for push services: a `mailto:` or `https:` address.',
  },
  PUSH_ALLOW_PRIVATE: {
    parse: flag(),
    default: 'false',
    description: 'Lets clients register Web Push endpoints by http and at addresses that are not public.',
  },
  PUSH_CONCURRENCY: {
    parse: integer(1, 1000),
    unit: 'pushes',
    default: '16',
    description: 'The most pushes under way at the same time, each of another user.',
  },
  PUSH_MAX_ATTEMPTS: {
    parse: integer(1, 100),
    unit: 'attempts',
    default: '15',
    description: 'How often a push is tried before it is a dead letter.',
  },
  PUSH_RETRY_DELAY: {
    parse: seconds(0.01, 3600),
    unit: 'seconds',
    default: '1',
    description: 'The pause after the first failed attempt; doubled after each, up to an hour, with jitter.',
  },
  PUSH_TIMEOUT: {
    parse: seconds(0.1, 300),
    unit: 'seconds',
    default: '10',
    description: 'The time a receiver of pushes has to answer.',
  },
  PUSH_OUTBOX_LIMIT: {
    parse: integer(100, 100_000_000),
    unit: 'pushes',
    default: '1000000',
    description:
      'The most pushes that wait, and the most dead letters that are kept; of more, the oldest go.',
  },
} as const satisfies Record<string, Variable>;

export type VariableName = keyof typeof ENV;

/** The parsed values: one without a default may be absent. */
export type EnvValues = {
  readonly [Name in VariableName]:
    | z.output<(typeof ENV)[Name]['parse']>
    | ((typeof ENV)[Name] extends { default: string } ? never : undefined);
};
