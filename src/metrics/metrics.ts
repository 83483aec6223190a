import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { BoundGauges } from './bounds.js';
import { Readings } from './readings.js';
import { TallyCounter } from './tally-counter.js';

const PREFIX = 'rookery_';

/** Every number the server shows at `/metrics`, in one place; rooms count into it, `health/` serves it. */
@Injectable()
export class Metrics {
  readonly registry = new Registry();

  readonly connections = this.gauge('connections', 'Authenticated connections on this node');
  readonly connectionsMax = this.gauge('connections_max', 'Limit of connections on this node');
  readonly onlineUsers = this.gauge('online_users', 'Users with at least one connection on this node');
  readonly handshakesRefused = this.counter(
    'handshakes_refused_total',
    'Upgrades answered with an HTTP error',
    ['status'],
  );
  readonly closed = this.counter('connections_closed_total', 'Connections that ended, by close code', [
    'code',
  ]);

  readonly commands = this.tallies(
    'commands_total',
    'Commands from clients, by outcome (ok or an error code)',
    ['command', 'outcome'],
  );
  private readonly events = this.tallies('events_pushed_total', 'Events written to connections, by class', [
    'class',
  ]);
  readonly pushed = {
    reply: this.events.tally({ class: 'reply' }),
    ephemeral: this.events.tally({ class: 'ephemeral' }),
    durable: this.events.tally({ class: 'durable' }),
  };
  readonly deflated = this.counter(
    'messages_deflated_total',
    'Messages that were compressed; one that goes to many connections counts once',
  );
  readonly dropped = this.counter(
    'events_dropped_total',
    'Events not written, by reason; a durable one is re-read from the journal',
    ['reason'],
  );
  readonly catchUpReads = this.counter(
    'catch_up_reads_total',
    'Journal pages read to bring connections up to date',
  );

  readonly presenceFrames = this.counter('presence_frames_total', 'Frames that told who is there, by event', [
    'event',
  ]);
  readonly presenceStatements = this.counter(
    'presence_statements_total',
    'Statements about settings, last seen and group members; leases in the database are not among them',
    ['kind'],
  );
  readonly calls = this.counter('calls_total', 'Calls that ended, by outcome', ['outcome']);

  readonly journalBatch = this.histogram(
    'journal_batch_size',
    'Operations in one commit',
    [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
  );
  readonly journalCommit = this.histogram(
    'journal_commit_seconds',
    'Duration of one commit',
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5],
  );
  readonly journalQueued = this.gauge('journal_queued', 'Operations waiting for a commit');

  readonly pushes = this.counter('pushes_total', 'Attempts to tell devices that are away, by outcome', [
    'provider',
    'outcome',
  ]);
  readonly pushesDropped = this.counter(
    'pushes_dropped_total',
    'Pushes dropped because the outbox was full',
    ['state'],
  );
  readonly pushOutbox = new Gauge({
    name: `${PREFIX}push_outbox`,
    help: 'Pushes that wait, and dead letters; counted once a minute',
    labelNames: ['state'],
    registers: [this.registry],
  });

  readonly httpRequests = this.histogram(
    'http_request_seconds',
    'HTTP requests by route and status',
    [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
    ['method', 'route', 'status'],
  );

  readonly bounds = new BoundGauges(PREFIX, this.registry);
  readonly buffered = this.readings<'place', 'send' | 'lanes' | 'journal'>(
    'buffered_bytes',
    'Bytes held for all clients together, by where they wait',
    'place',
  );
  readonly slow = this.readings<'state', 'congested' | 'behind'>(
    'slow_connections',
    'Connections whose send buffer is full, and those that are read from the journal again',
    'state',
  );

  readonly attachmentBytes = this.counter('attachment_bytes_total', 'Bytes of attachments taken in');

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  private gauge(name: string, help: string): Gauge {
    return new Gauge({ name: PREFIX + name, help, registers: [this.registry] });
  }

  private readings<Label extends string, Value extends string>(
    name: string,
    help: string,
    label: Label,
  ): Readings<Label, Value> {
    return new Readings({ name: PREFIX + name, help, label, registry: this.registry });
  }

  private counter<Label extends string>(
    name: string,
    help: string,
    labelNames: Label[] = [],
  ): Counter<Label> {
    return new Counter({ name: PREFIX + name, help, labelNames, registers: [this.registry] });
  }

  private tallies<Label extends string>(
    name: string,
    help: string,
    labelNames: Label[],
  ): TallyCounter<Label> {
    return new TallyCounter({ name: PREFIX + name, help, labelNames, registers: [this.registry] });
  }

  private histogram<Label extends string>(
    name: string,
    help: string,
    buckets: number[],
    labelNames: Label[] = [],
  ): Histogram<Label> {
    return new Histogram({ name: PREFIX + name, help, buckets, labelNames, registers: [this.registry] });
  }
}
