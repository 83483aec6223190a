import type { AnyFrame, DialectName } from './dialect-client.js';
import { conversationOf } from './load.js';

/** A message as a client of a dialect is shown it. */
export interface Shown {
  from: string;
  /** The id of the conversation it must be in. */
  conversation: string;
  content: string;
  /** Where the dialect shows one: what its sender, or the server, called the message. */
  id?: string | number;
}

/** How text is said in a dialect, and what comes back of it. */
export interface Speech {
  /** Whether a message has an id of the client's, so that it may be said again. */
  readonly hasIds: boolean;
  /** To a user, or to a group. */
  text(receiver: string, content: string, id: string): AnyFrame[];
  /** Which of the unanswered messages a frame says to be stored; undefined: none. */
  acknowledged(frame: AnyFrame, unanswered: readonly string[], user: string): string | undefined;
  shown(frame: AnyFrame): Shown | undefined;
  isError(frame: AnyFrame): boolean;
  /** For whom everything up to a message counts as read, not as delivered; the frame that says so. */
  read?(message: Shown): AnyFrame;
}

const placed = (from: string, to: string, content: string): Shown => ({
  from,
  conversation: to.startsWith('G') ? to : conversationOf(from, to),
  content,
});

/** In these tests the content of a message is also its id, where there are ids. */
export const SPEECH: Record<DialectName, Speech> = {
  /** There is no acknowledgement: a pong says that all before its ping is stored. */
  melody: {
    hasIds: false,
    text: (to, content) => [{ type: 'chat', to, content }, { type: 'ping' }],
    acknowledged: ({ type }, [oldest]) => (type === 'pong' ? oldest : undefined),
    shown: ({ type, from, to, content }) => (type === 'chat' ? placed(from, to, content) : undefined),
    isError: ({ type }) => type === 'error',
  },
  skyeim: {
    hasIds: true,
    text: (toUserId, content, msgId) => [
      { type: 'chat', data: { toUserId, content, contentType: 1, msgId } },
    ],
    acknowledged: ({ type, data }) => (type === 'ack' && data.status === 'sent' ? data.msgId : undefined),
    shown: ({ type, data }) =>
      type === 'chat'
        ? { ...placed(data.fromUserId, data.toUserId, data.content), id: data.msgId }
        : undefined,
    isError: ({ type }) => type === 'error',
    read: ({ from, id }) => ({ type: 'read', data: { peerId: from, msgIds: [id] } }),
  },
  kama: {
    hasIds: false,
    text: (to, content) => [{ type: 0, receive_id: to, content }],
    acknowledged: ({ send_id: from, content }, unanswered, user) =>
      from === user && unanswered.includes(content) ? content : undefined,
    shown: ({ created_at: time, send_id: from, receive_id: to, content }) =>
      time ? placed(from, to, content) : undefined,
    isError: ({ code }) => typeof code === 'number',
  },
  gozero: {
    hasIds: true,
    text: (group, content, id) => [
      { type: 'send_message', message_id: id, data: { group_id: group, msg_type: 1, content } },
    ],
    acknowledged: ({ type, data }) => (type === 'ack' ? data.message_id : undefined),
    shown: ({ type, data }) =>
      type === 'new_message' ? placed(data.sender_id, data.group_id, data.content) : undefined,
    isError: ({ type }) => type === 'error' || type === 'auth_failed',
  },
};
