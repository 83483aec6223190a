import { ErrorCode, MessageKind } from '@rookery/protocol';
import { AppError, invalidField } from '../../common/index.js';
import type { AppendRequest, AppendRule, BodyChange, Entry } from '../../journal/index.js';
import type { MessageBody } from '../chat-message.js';
import type { EditBody } from './action-types.js';
import { messageTarget } from './message-target.js';

/** Own text within `window` milliseconds (0: at any time). The content before is gone, also from an earlier edit. */
export function editCheck(window: number): AppendRule {
  return (scene, request) => {
    const target = messageTarget(scene, request);
    if (target instanceof AppError) return target;
    const { entry, body } = target;
    if (entry.sender !== request.sender) return new AppError(ErrorCode.Forbidden);
    if (body.forwarded) return invalidField('seq', 'A forwarded message');
    if (body.kind !== MessageKind.Text) return invalidField('seq', 'Not a text message');
    if (isLate(scene.time - entry.time, window))
      return new AppError(ErrorCode.Refused, { message: 'Too late to edit' });
    const { content } = request.body as EditBody;
    const now = { ...body.now, edited: { at: scene.time, seq: scene.seq } };
    return { bodies: [{ seq: entry.seq, body: { ...body, content, now } }, ...withoutEdit(entry.seq, body)] };
  };
}

export const isLate = (age: number, window: number): boolean => window > 0 && age > window;

/** Takes the content out of the edit that holds with a message so far, if there is one. */
export function withoutEdit(seq: number, { now }: MessageBody): BodyChange[] {
  return now?.edited ? [{ seq: now.edited.seq, body: { seq } satisfies EditBody }] : [];
}

/** An edit whose content was taken away is the same edit. */
export function isRepeatedEdit({ body }: Entry, request: AppendRequest): boolean {
  const { seq, content } = body as EditBody;
  return content === undefined && seq === (request.body as EditBody).seq;
}
