/** The public door for teams who embed or extend Rookery: modules, services, ports and events; never entities. */
export { CloseCode, ErrorCode } from '@rookery/protocol';
export { AppModule, type Ports } from './app.module.js';
export { createApp } from './create-app.js';
export {
  RookeryModule,
  attachRookery,
  type RookeryAsyncOptions,
  type RookeryExtras,
} from './rookery.module.js';
export {
  ADMIN_ROLE,
  AuthGuard,
  CurrentUser,
  Roles,
  RolesGuard,
  TokenVerifier,
  isAdmin,
  type Principal,
} from './auth/index.js';
export {
  BeforeSend,
  ConversationService,
  ConversationSettingsService,
  CursorMoved,
  MessageService,
  MessageStored,
  UnreadService,
} from './chat/index.js';
export type { BeforeSendHook, OutgoingMessage, SendOptions, SendResult } from './chat/index.js';
export { AppError, Deferred, EventBus } from './common/index.js';
export { CallService } from './calls/index.js';
export { ContactDirectory, ContactService, ReachPolicy, RelationChanged } from './contacts/index.js';
export { AppConfig, ConfigError, loadConfig, loadEnvironment, type RookeryOptions } from './config/index.js';
export { BeforeInvite, BeforeJoin, GroupChanged, GroupService } from './groups/index.js';
export type {
  BeforeInviteHook,
  BeforeJoinHook,
  CreatedGroup,
  GroupOptions,
  GroupResult,
  InviteAttempt,
  JoinAttempt,
} from './groups/index.js';
export {
  Connection,
  ConnectionClosed,
  ConnectionOpened,
  HubService,
  MembershipChanged,
  type DisconnectOptions,
  type PushOptions,
} from './hub/index.js';
export {
  DeliveryReportService,
  NotificationScheduler,
  NotificationService,
  NotificationStored,
  TemplateService,
  type Broadcast,
  type DeliveryReport,
  type Notification,
  type NotificationTarget,
  type NotifyResult,
  type ScheduledNotification,
  type ScheduleOptions,
  type TemplateUse,
} from './notifications/index.js';
export { PresenceChanged, PresenceService, PresenceStore } from './presence/index.js';
export {
  PUSH_PROVIDERS,
  PushProvider,
  type PushDelivery,
  type PushMessage,
  type PushOutcome,
} from './push/index.js';
export {
  BeforeConnect,
  CurrentConnection,
  RookeryHttpAdapter,
  RookeryWsAdapter,
  SchemaPipe,
  type BeforeConnectHook,
  type ConnectingClient,
  type RookerySocket,
} from './transport/index.js';
