import { ErrorCode, type ContactAction, type ContactStatus } from '@rookery/protocol';
import { AppError } from '../common/index.js';

/**
 * What two users are to one another: the one truth about them, kept with their direct conversation, where whatever one
 * writes to the other is judged under the same lock. Tables and events follow from it.
 */
export interface Pair {
  contacts?: true;
  /** Who asked and has no answer yet. */
  requester?: string;
  /** Who wants nothing from the other; one or both. */
  blockers?: readonly string[];
}

/** The key of a {@link Pair} in the state of a direct conversation. */
export const PAIR_KEY = 'contact';

/** As JSON has it, between two users of whom one is blocked; inside of a text its quotes would be escaped. */
const BLOCKERS_JSON = '"blockers":';

export function pairIn(state: Record<string, unknown> | null): Pair {
  return (state?.[PAIR_KEY] ?? {}) as Pair;
}

/** Read from a state as it is stored, on the way of every message: JSON is parsed where somebody is blocked only. */
export function isBlockedIn(state: string | null | undefined, sender: string): boolean {
  if (!state?.includes(BLOCKERS_JSON)) return false;
  const { blockers = [] } = pairIn(JSON.parse(state) as Record<string, unknown>);
  return blockers.some((blocker) => blocker !== sender);
}

/** Likewise, where only contacts may write. */
export function areContactsIn(state: string | null | undefined): boolean {
  return state ? Boolean(pairIn(JSON.parse(state) as Record<string, unknown>).contacts) : false;
}

export function statusOf(pair: Pair, user: string): ContactStatus {
  if (pair.contacts) return 'contact';
  if (pair.requester === undefined) return 'none';
  return pair.requester === user ? 'outgoing' : 'incoming';
}

export const hasBlocked = ({ blockers = [] }: Pair, user: string): boolean => blockers.includes(user);

/**
 * What an action of one makes of the two. Undefined: it is so already, so that a repetition is harmless. `refused`: the
 * other one has blocked him, or he the other; `not_found`: there is nothing to be answered.
 */
export function acted(pair: Pair, action: ContactAction, actor: string): Pair | AppError | undefined {
  return ACTIONS[action](pair, actor);
}

const REFUSED = 'This user does not accept that from you';

const ACTIONS: Record<ContactAction, (pair: Pair, actor: string) => Pair | AppError | undefined> = {
  request(pair, actor) {
    if (pair.blockers) return refused(pair, actor);
    if (pair.contacts || pair.requester === actor) return undefined;
    return pair.requester === undefined ? { requester: actor } : { contacts: true };
  },

  accept(pair, actor) {
    if (pair.blockers) return refused(pair, actor);
    if (pair.contacts) return undefined;
    return asked(pair, actor) ? { contacts: true } : new AppError(ErrorCode.NotFound);
  },

  decline(pair, actor) {
    if (pair.contacts) return new AppError(ErrorCode.NotFound);
    return asked(pair, actor) ? {} : undefined;
  },

  remove({ contacts, requester, ...rest }) {
    return contacts || requester !== undefined ? rest : undefined;
  },

  link(pair) {
    if (pair.contacts) return undefined;
    return { contacts: true, ...(pair.blockers && { blockers: pair.blockers }) };
  },

  block({ requester: _ended, ...pair }, actor) {
    const { blockers = [] } = pair;
    return blockers.includes(actor) ? undefined : { ...pair, blockers: [...blockers, actor] };
  },

  unblock({ blockers = [], ...pair }, actor) {
    if (!blockers.includes(actor)) return undefined;
    const left = blockers.filter((blocker) => blocker !== actor);
    return { ...pair, ...(left.length > 0 && { blockers: left }) };
  },
};

const asked = ({ requester }: Pair, actor: string): boolean => requester !== undefined && requester !== actor;

function refused(pair: Pair, actor: string): AppError {
  const message = hasBlocked(pair, actor) ? 'You have blocked this user' : REFUSED;
  return new AppError(ErrorCode.Refused, { message });
}
