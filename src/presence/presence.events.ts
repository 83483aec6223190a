import type { Presence, PresenceState } from '@rookery/protocol';

/**
 * After the fact: a user looks different from now on to his contacts. Published by every node that knows of it, five
 * seconds late when he went; not for who is invisible.
 */
export class PresenceChanged {
  constructor(
    /** As his contacts see it. */
    readonly presence: Presence,
    readonly before: PresenceState,
  ) {}
}
