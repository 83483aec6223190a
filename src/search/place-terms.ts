import { createHash } from 'node:crypto';
import type { MessageKind } from '@rookery/protocol';

/*
 * Terms for where a message is, who sent it and of what kind it is, so that the index leaves out what cannot be meant.
 * They begin unlike the terms of texts. Two users with one hash are told apart when what was found is looked at.
 */

const hash = (text: string): string => createHash('sha1').update(text).digest('hex').slice(0, 14);

export const conversationTerm = (conversation: string): string => `cc${hash(conversation)}`;
export const senderTerm = (sender: string): string => `ss${hash(sender)}`;
export const kindTerm = (kind: MessageKind): string => `kk${kind}`;
