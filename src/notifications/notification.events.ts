import type { NotificationMessage } from '@rookery/protocol';

/** After-commit: a notification or broadcast was stored by this node, for the first time. */
export class NotificationStored {
  constructor(readonly notification: NotificationMessage) {}
}

/** After-commit: a user read or deleted single notifications. */
export class InboxChanged {
  constructor(readonly user: string) {}
}
