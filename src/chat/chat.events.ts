import type { ChatMessage, ChatReceipt } from '@rookery/protocol';

/** After-commit: a message was stored by this node, for the first time. */
export class MessageStored {
  constructor(readonly message: ChatMessage) {}
}

/** After-commit: a member's delivered or read cursor moved. */
export class CursorMoved {
  constructor(readonly receipt: ChatReceipt) {}
}
