import { ErrorCode } from '@rookery/protocol';
import { AppError, isModerator } from '../common/index.js';
import {
  SYSTEM_SENDER,
  type AppendRequest,
  type AppendRule,
  type Relation,
  type Scene,
} from '../journal/index.js';
import { DISSOLVED } from './group-rules.js';
import { forbidden, notFound, refused } from './group-scene.js';
import { attributesOf, isMember, stateOf, type GroupState } from './group-state.js';

/** What is no way of speaking: open to who is muted. */
const SILENT_TYPES: ReadonlySet<string> = new Set(['recall', 'reaction']);
const PIN_TYPES: ReadonlySet<string> = new Set(['pin', 'unpin']);
/** In bigger groups only owner and admins may mention all. */
const MENTION_ALL_MEMBERS = 100;
const mentionsAll = (body: unknown): boolean => (body as { mentionAll?: boolean }).mentionAll === true;

/** What slow mode counts. */
const PACED_TYPE = 'message';

/**
 * Who may put an entry of any other room into a group: members, as far as they are not muted and not too fast. Whose
 * message is edited or recalled is that room's to check.
 */
export const groupPostRule: AppendRule = (scene, { sender, type, body }) => {
  const state = stateOf(scene) as GroupState | null;
  if (sender === SYSTEM_SENDER) return state?.dissolved ? refused(DISSOLVED) : undefined;
  const relation = scene.relation(sender);
  if (!isMember(relation)) return notFound();
  if (!state) return undefined;
  if (state.dissolved) return refused(DISSOLVED);
  if (isModerator(relation)) return undefined;
  if (type === PACED_TYPE && state.members > MENTION_ALL_MEMBERS && mentionsAll(body)) return forbidden();
  if (PIN_TYPES.has(type) && state.pin !== 'members') return forbidden();
  if (SILENT_TYPES.has(type)) return undefined;
  return (
    muted(scene, state, relation) ?? (type === PACED_TYPE ? paced(scene, state, sender, relation) : undefined)
  );
};

export const askedAbout = ({ sender }: AppendRequest): readonly string[] =>
  sender === SYSTEM_SENDER ? [] : [sender];

function muted({ time }: Scene, { muteAll }: GroupState, relation: Relation): AppError | undefined {
  if (muteAll) return refused('Only owner and admins may write in this group at the moment');
  const { mutedUntil = 0 } = attributesOf(relation);
  if (mutedUntil <= time) return undefined;
  const retryAfter = Math.ceil((mutedUntil - time) / 1000);
  return new AppError(ErrorCode.Refused, { message: 'Muted in this group', retryAfter });
}

/** Nothing is written, and nothing allocated, in a group that is not slow. */
function paced(
  { time }: Scene,
  { slowMode }: GroupState,
  user: string,
  relation: Relation,
): ReturnType<AppendRule> {
  if (!slowMode) return undefined;
  const attributes = attributesOf(relation);
  const wait = (attributes.lastSent ?? 0) + slowMode * 1000 - time;
  if (attributes.lastSent !== undefined && wait > 0)
    return new AppError(ErrorCode.RateLimited, {
      message: 'The group is in slow mode',
      retryAfter: Math.ceil(wait / 1000),
    });
  return { relations: [{ user, attributes: { ...attributes, lastSent: time } }] };
}
