import type {
  MessageChange,
  MessageEdited,
  MessagePinned,
  MessageReaction,
  MessagesHidden,
} from '@rookery/protocol';

/** After-commit: a message of this node's has another content. */
export class MessageEditStored {
  constructor(readonly edit: MessageEdited) {}
}

/** After-commit: the content of a message is gone. */
export class MessageRecallStored {
  constructor(readonly recall: MessageChange) {}
}

/** After-commit: somebody reacted, or no longer does. */
export class MessageReactionStored {
  constructor(readonly reaction: MessageReaction) {}
}

/** After-commit: a message was pinned, or no longer is. */
export class MessagePinStored {
  constructor(readonly pin: MessagePinned) {}
}

/** After-commit: a user deleted messages for himself. */
export class MessagesHiddenStored {
  constructor(
    readonly user: string,
    readonly hidden: MessagesHidden,
  ) {}
}
