import type { LevelWithSilent } from 'pino';
import type { AttachmentsLocation } from './attachments-url.js';

/** Older protocols that clients may speak. */
export const DIALECTS = ['melody', 'skyeim', 'kama', 'gozero'] as const;
export type DialectName = (typeof DIALECTS)[number];

export interface DialectPath {
  name: DialectName;
  /** Of the WebSocket, without a slash at the end. */
  path: string;
}

export type SessionPolicy = 'multi' | 'single' | 'per-platform';

export type DatabaseConfig =
  | { type: 'sqlite'; path: string }
  | {
      type: 'mysql';
      url: string;
      poolSize: number;
      /** Milliseconds for a connect, an acquire or a query. */
      timeout: number;
    };

/** Where verification keys come from; exactly one. */
export type JwtKeySource =
  | {
      kind: 'secret';
      secret: string;
      /** Made by us on first start, so we may also sign with it for the chat page. */
      generated: boolean;
    }
  | { kind: 'public-key'; pem: string }
  | { kind: 'jwks'; url: string };

/** The settings of the server, typed and checked once at boot. Injected as a class token; nothing else reads the environment. */
export abstract class AppConfig {
  abstract readonly production: boolean;
  abstract readonly logLevel: LevelWithSilent;
  abstract readonly http: {
    port: number;
    host: string;
    tls?: { cert: string; key: string };
    /** CIDRs or addresses whose X-Forwarded-For is believed. */
    trustedProxies: readonly string[];
    /** CIDRs or addresses that are refused before anything else. */
    ipBlocklist: readonly string[];
    /** Milliseconds from SIGTERM to the last close. */
    shutdownDrain: number;
    /** Serve the chat page and its demo sign-in. */
    chatPage: boolean;
    /** STUN and TURN servers for calls of the chat page, as URIs. */
    iceServers: readonly string[];
    /** Of the TURN servers; absent: they take anybody. */
    turnSecret?: string;
  };
  abstract readonly database: DatabaseConfig & {
    migrate: boolean;
    /** Start even if a commit may be lost on power failure. */
    allowLossy: boolean;
  };
  abstract readonly attachments: {
    location: AttachmentsLocation;
    /** Bytes of one file. */
    maxSize: number;
    /** Media types, or patterns such as `image/*`. */
    types: readonly string[];
    /** Bytes of a user's files that no message refers to. */
    maxPending: number;
    /** Uploads at the same time. */
    maxUploads: number;
    /** Milliseconds after which a file that no message refers to is removed. */
    orphanAfter: number;
  };
  abstract readonly presence: {
    /** `database`: several nodes see one another's users. */
    store: 'memory' | 'database';
  };
  abstract readonly jwt: {
    key: JwtKeySource;
    issuer?: string;
    audience?: string;
    /** Claims to take the user id from; the first present wins. */
    userClaims: readonly string[];
    /** Seconds of clock difference forgiven for exp, nbf and iat. */
    leeway: number;
    requireExpiry: boolean;
  };
  abstract readonly policy: {
    /** Who may reach a user directly. */
    messages: 'everybody' | 'contacts';
    moderation?: {
      url: string;
      /** The key itself, decoded. */
      key: Buffer;
      /** Milliseconds. */
      timeout: number;
      onFailure: 'refuse' | 'allow';
    };
  };
  /** Where contacts and blocks are asked for; undefined: they are kept here. */
  abstract readonly contacts?: {
    url: string;
    token?: string;
    /** Milliseconds. */
    timeout: number;
    ttl: number;
    stale: number;
  };
  /** Milliseconds. */
  abstract readonly calls: { ringTimeout: number; reconnectGrace: number };
  abstract readonly ws: {
    path: string;
    /** Where clients of older protocols connect. */
    dialects: readonly DialectPath[];
    /** Exact origins; empty: same host only in production, any otherwise. */
    origins: readonly string[];
    maxConnections: number;
    /** 0: no limit. */
    maxConnectionsPerUser: number;
    /** 0: no limit. */
    maxConnectionsPerIp: number;
    /** Milliseconds. */
    pingInterval: number;
    pongTimeout: number;
    authTimeout: number;
    /** Bytes. */
    maxMessageSize: number;
    /** Bytes that may wait for one socket before pushing stops. */
    sendBuffer: number;
    sessionPolicy: SessionPolicy;
    queryToken: boolean;
    /** Agree on permessage-deflate with clients that offer it. */
    compression: boolean;
    /** Commands per second. */
    rateLimit: number;
    userRateLimit: number;
    /** Handshakes per second from one address, averaged over ten seconds. */
    handshakeRate: number;
  };
  abstract readonly search: { enabled: boolean };
  abstract readonly groups: {
    /** Members of one group. */
    maxMembers: number;
    /** Groups that one user may be a member of. */
    maxGroups: number;
    /** Milliseconds that an invitation is good for. */
    inviteTtl: number;
  };
  abstract readonly chat: {
    /** Milliseconds; 0: no limit. */
    editWindow: number;
    /** Milliseconds; 0: no limit. */
    recallWindow: number;
    /** Messages to everybody, per second and user; 0: none. */
    broadcastRate: number;
  };
  /** Telling devices that are not connected; without `webhook` and `vapid` it is off. */
  abstract readonly push: {
    /** Milliseconds, like all times here. */
    delay: number;
    webhook?: { url: string; secret: Buffer };
    vapid?: { publicKey: string; privateKey: string; subject: string };
    allowPrivate: boolean;
    concurrency: number;
    maxAttempts: number;
    retryDelay: number;
    timeout: number;
    /** Rows that wait, and dead letters, likewise. */
    outboxLimit: number;
  };
}
