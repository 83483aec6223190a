import { Journal1767225600000 } from './1767225600000-journal.js';
import { Relations1795910400000 } from './1795910400000-relations.js';
import { MessageActions1795910600000 } from './1795910600000-message-actions.js';
import { ChatInbox1795910700000 } from './1795910700000-chat-inbox.js';
import { Search1795910710000 } from './1795910710000-search.js';
import { Presence1795910800000 } from './1795910800000-presence.js';
import { Contacts1795910900000 } from './1795910900000-contacts.js';
import { Attachments1795911100000 } from './1795911100000-attachments.js';
import { Notifications1795911000000 } from './1795911000000-notifications.js';
import { MemberRoles1795911200000 } from './1795911200000-member-roles.js';
import { Push1795911010000 } from './1795911010000-push.js';
import { NotificationClaims1796000600000 } from './1796000600000-notification-claims.js';
import { IpBlocks1796000900000 } from './1796000900000-ip-blocks.js';
import { EarlierStays1796001000000 } from './1796001000000-earlier-stays.js';
import { TokenRevocations1796002000000 } from './1796002000000-token-revocations.js';

/** In order; a new migration is added at the end. */
export const MIGRATIONS = [
  Journal1767225600000,
  Relations1795910400000,
  MessageActions1795910600000,
  ChatInbox1795910700000,
  Search1795910710000,
  Presence1795910800000,
  Contacts1795910900000,
  Notifications1795911000000,
  Attachments1795911100000,
  Push1795911010000,
  MemberRoles1795911200000,
  NotificationClaims1796000600000,
  IpBlocks1796000900000,
  EarlierStays1796001000000,
  TokenRevocations1796002000000,
];
