import { ChatMentionEntity } from './chat-mention.entity.js';
import { ConversationSettingsEntity } from './conversation-settings.entity.js';
import { ContactEntity } from './contact.entity.js';
import { AttachmentEntity, AttachmentReferenceEntity } from './attachment.entity.js';
import { ConversationEntity } from './conversation.entity.js';
import { DeviceCursorEntity } from './device-cursor.entity.js';
import { MysqlEntryEntity, SqliteEntryEntity } from './entry.entity.js';
import { HiddenEntryEntity } from './hidden-entry.entity.js';
import { IpBlockEntity } from './ip-block.entity.js';
import { TokenRevocationEntity } from './token-revocation.entity.js';
import { MemberEntity } from './member.entity.js';
import { MessagePinEntity } from './message-pin.entity.js';
import { MessageReactionEntity } from './message-reaction.entity.js';
import { NotificationLocaleEntity } from './notification-locale.entity.js';
import { NotificationMarkEntity } from './notification-mark.entity.js';
import { NotificationTemplateEntity } from './notification-template.entity.js';
import { PushNodeEntity } from './push-node.entity.js';
import { PushOutboxEntity } from './push-outbox.entity.js';
import { PushTokenEntity } from './push-token.entity.js';
import { ScheduledNotificationEntity } from './scheduled-notification.entity.js';
import { UserRoleEntity } from './user-role.entity.js';
import { PresenceLeaseEntity } from './presence-lease.entity.js';
import { PresenceNodeEntity } from './presence-node.entity.js';
import { PresenceSeenEntity } from './presence-seen.entity.js';
import { PresenceSettingEntity } from './presence-setting.entity.js';
import {
  MysqlSearchDocumentEntity,
  SearchPositionEntity,
  SqliteSearchDocumentEntity,
} from './search.entity.js';

const SHARED = [
  ConversationEntity,
  MemberEntity,
  DeviceCursorEntity,
  HiddenEntryEntity,
  IpBlockEntity,
  TokenRevocationEntity,
  MessageReactionEntity,
  MessagePinEntity,
  ChatMentionEntity,
  ConversationSettingsEntity,
  SearchPositionEntity,
  ContactEntity,
  AttachmentEntity,
  AttachmentReferenceEntity,
  NotificationLocaleEntity,
  NotificationMarkEntity,
  NotificationTemplateEntity,
  PushNodeEntity,
  PushOutboxEntity,
  PushTokenEntity,
  ScheduledNotificationEntity,
  UserRoleEntity,
  PresenceNodeEntity,
  PresenceLeaseEntity,
  PresenceSeenEntity,
  PresenceSettingEntity,
];

/** The schema, as classes: the same in the app, in tests and in the CLI. A new entity is added here. */
export const SQLITE_ENTITIES = [...SHARED, SqliteEntryEntity, SqliteSearchDocumentEntity];
export const MYSQL_ENTITIES = [...SHARED, MysqlEntryEntity, MysqlSearchDocumentEntity];
