import type { Registry } from 'prom-client';
import { Readings } from './readings.js';

/**
 * Everything in memory that clients can make grow, and what happens at its limit. `docs/operations.md` has the same
 * table, held equal by a test. "Of one connection": the gauge shows the connection that uses most.
 */
export const BOUNDS = {
  sessions: ['Connections, also those without a token yet', 'the next handshake is answered 503'],
  unnamed_sessions: ['Connections that have not brought a token yet', 'the next one without is answered 503'],
  send_buffer_bytes: [
    'Bytes that wait to be sent, of one connection',
    'events are shed or read again from the journal later, and its commands wait',
  ],
  lane_frames: [
    'Commands that wait, of one connection',
    'its socket is not read until half of them are done',
  ],
  lane_bytes: ['Bytes of these commands, of one connection', 'likewise'],
  lane_outstanding: ['Commands begun and not answered, of one connection', 'the next one waits'],
  journal_operations: ['Operations that wait for a commit', 'the next one is answered `overloaded`'],
  journal_bytes: ['Bytes of the bodies of these operations', 'likewise'],
  batch_operations: ['Operations in the commit under way', 'the others wait for the next commit'],
  enrolled_users: [
    'Users remembered as known to the database',
    'the one longest not seen is asked for again',
  ],
  conversation_ids: ['Conversation ids remembered in parts', 'all are forgotten and read again'],
  contact_answers: [
    'Who has blocked whom, remembered',
    'what was not asked for the longest is looked up again',
  ],
  shared_pages: [
    'Characters of entries that several connections re-read within a second',
    'the oldest are read again for each',
  ],
  search_waiting: [
    'Conversations with entries that are not indexed for search yet',
    'they are found again by looking through all that moved',
  ],
  typing: ['Users who are typing, by conversation', 'the one silent for longest has stopped'],
  broadcasters: ['Users whose messages to everybody are counted', 'the oldest count is forgotten'],
  dialect_ids: [
    'Ids of messages that a client of an older protocol may name, of one connection',
    'the oldest is looked up in the journal',
  ],
  calls: ['Calls that ring or go on', 'the next one is answered `overloaded`'],
  call_bytes: [
    'Bytes that wait for somebody to answer a call',
    'the next call is answered `overloaded`; candidates reach only who is there',
  ],
  rate_connections: ['Connections whose commands are counted', 'the oldest count is forgotten'],
  rate_users: ['Users whose commands are counted', 'likewise'],
  rate_addresses: ['Addresses whose handshakes are counted', 'likewise'],
  rate_failures: ['Addresses whose refused tokens are counted', 'likewise'],
  presence_subscriptions: [
    'Subscriptions to the presence of single users',
    'the next one is answered `overloaded`',
  ],
  presence_groups: ['Groups whose presence is watched', 'likewise'],
  presence_pending: [
    'Changes of presence that wait to be told, once for each receiver',
    'a receiver gets a snapshot instead',
  ],
  presence_grace: ['Users who left within the last seconds and may come back', 'the oldest has gone at once'],
  presence_last_seen: ['Users whose last seen waits to be written', 'the oldest one is not written'],
  presence_contacts: ['Users whose contacts are remembered', 'the oldest are asked for again'],
  presence_remote: ['Users connected to other nodes', 'further ones look offline here'],
  presence_changes: ['Users whose changes of presence settings are counted', 'the oldest count is forgotten'],
  role_users: ['Users whose roles are known to be stored', 'the one longest not seen is looked up again'],
  role_waiting: ['Users whose roles wait to be stored', 'further ones are stored when they connect again'],
  push_feed: [
    'Stored entries that wait to be looked at for offline push',
    'later ones are read from the journal again',
  ],
  push_outbox: ['Pushes that wait in the database', 'the oldest are dropped, and counted'],
  push_dead_letters: ['Dead letters in the database', 'likewise'],
  push_in_flight: ['Pushes under way', 'the next one waits in the outbox'],
  push_readers: [
    'Users who read something that may have been pushed',
    'theirs is taken back within a minute',
  ],
} as const satisfies Record<string, readonly [what: string, beyond: string]>;

export type BoundName = keyof typeof BOUNDS;

export interface Bound {
  limit: number;
  used: () => number;
}

/** What is in use of each bound, and the bounds: one rule can watch all of them. */
export class BoundGauges {
  private readonly used: Readings<'bound', BoundName>;
  private readonly limits: Readings<'bound', BoundName>;

  constructor(prefix: string, registry: Registry) {
    this.used = new Readings({
      name: `${prefix}bound_used`,
      help: 'Use of what has a limit; per connection, of the one that uses most',
      label: 'bound',
      registry,
    });
    this.limits = new Readings({ name: `${prefix}bound_limit`, help: 'Its limit', label: 'bound', registry });
  }

  add(name: BoundName, { used, limit }: Bound): void {
    this.used.add(name, used);
    this.limits.add(name, () => limit);
  }
}
