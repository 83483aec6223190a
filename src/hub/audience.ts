import { parseConversationId } from '../journal/index.js';

/** Whom an entry of a conversation is for. */
export type Audience = 'everyone' | readonly string[];

const CACHE_LIMIT = 10_000;

/** Reads audiences off conversation ids, remembering the last ones. */
export class AudienceCache {
  private readonly known = new Map<string, Audience>();

  of(conversation: string): Audience {
    const known = this.known.get(conversation);
    if (known) return known;
    if (this.known.size >= CACHE_LIMIT) this.known.clear();
    const audience = audienceOf(conversation);
    this.known.set(conversation, audience);
    return audience;
  }
}

function audienceOf(conversation: string): Audience {
  const address = parseConversationId(conversation);
  if (address?.kind === 'broadcast') return 'everyone';
  if (address?.kind === 'direct' || address?.kind === 'inbox') return [...new Set<string>(address.members)];
  return [];
}
