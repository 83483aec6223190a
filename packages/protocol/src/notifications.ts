import type { NotificationMessage, Stored } from './messages.js';

/** Commands about notifications. */
export interface NotificationCommands {
  /** Tells one user; for administrators. `clientId` makes a retry free. */
  'notification.send': {
    data: { to: string; type: string; content: unknown; clientId?: string };
    reply: Stored & { duplicate: boolean };
  };
  /** Tells everybody; for administrators. `clientId` makes a retry free. */
  'notification.broadcast': {
    data: { type: string; content: unknown; clientId?: string };
    reply: Stored & { duplicate: boolean };
  };
}

/** Events that tell users things. */
export interface NotificationEvents {
  'notification.message': NotificationMessage;
}
