import { z } from 'zod';
import { isAddressOrCidr } from '../config/index.js';
import { UserId, isUserId } from '../common/index.js';
import { NotificationContent, NotificationType } from '../notifications/index.js';

const ephemeral = z.boolean().default(false).describe('true: only to devices connected now, stored nowhere');

export const BroadcastBody = z.strictObject({
  type: NotificationType,
  content: NotificationContent,
  ephemeral,
});
export type BroadcastBody = z.infer<typeof BroadcastBody>;

export const SendBody = BroadcastBody.extend({ to: UserId });
export type SendBody = z.infer<typeof SendBody>;

export const UserParams = z.strictObject({ user: UserId });
export type UserParams = z.infer<typeof UserParams>;

const MAX_STATUS_PAGE = 10_000;

export const StatusQuery = z.strictObject({
  limit: z
    .string()
    .regex(/^\d{1,6}$/)
    .transform(Number)
    .pipe(z.int().min(1).max(MAX_STATUS_PAGE))
    .default(1000),
  cursor: z.string().min(1).max(512).optional(),
});
export type StatusQuery = z.infer<typeof StatusQuery>;

/** More than any list that people keep by hand; a firewall is the place for longer ones. */
const MAX_RANGES = 1000;

export const IpBlocklistBody = z.strictObject({
  ranges: z
    .array(z.string().max(64).refine(isAddressOrCidr, 'Not an IP address or CIDR range'))
    .max(MAX_RANGES),
});
export type IpBlocklistBody = z.infer<typeof IpBlocklistBody>;

export const LogoutBody = z.strictObject({
  owner_id: z.union([z.string(), z.int()]).transform(String).refine(isUserId, 'Not a user id'),
});
export type LogoutBody = z.infer<typeof LogoutBody>;
