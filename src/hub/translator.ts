import type { Frame } from '@rookery/protocol';
import type { HubEvent } from './hub-event.js';

/**
 * Port: a wire format that keeps something per connection, and that has no form for some things. One for each
 * connection. What it gives are complete WebSocket frames, none where there is no form.
 */
export interface Translator {
  event(event: HubEvent): Buffer;
  /** An answer, or what else only this connection is told. */
  reply(frame: Frame): Buffer;
  /** Whether entries of a conversation can have a form; those of others are never read for the connection. */
  carries(conversation: string): boolean;
}
