import { z } from 'zod';
import type { NotificationAudience } from '@rookery/protocol';
import { UserId } from '../common/index.js';
import type { EntryFilter } from '../hub/index.js';

/** Names of roles that a broadcast may be for; also what is remembered of a token's roles. */
export const ROLE_NAME = /^[\w.:-]{1,64}$/;

/** Users that one entry may list: each reader of the channel reads the list. More of them are told one by one. */
const MAX_LISTED_USERS = 1000;

export const Audience = z
  .union([
    z.literal('all'),
    z.strictObject({ role: z.string().regex(ROLE_NAME, 'Letters, digits and _ . : - only') }),
    z.strictObject({
      group: z
        .string()
        .regex(/^[^:]+$/, 'The id of a group')
        .max(255),
    }),
    z.strictObject({ users: z.array(UserId).min(1).max(MAX_LISTED_USERS) }),
  ])
  .describe('Whom it is for: all, those with a role in their token, the members of a group, or these users');

/** Who reads entries that are for this audience; undefined: everybody. */
export function filterFor(audience: NotificationAudience | undefined): EntryFilter | undefined {
  if (audience === undefined || audience === 'all') return undefined;
  if ('role' in audience) return ({ roles }) => roles.includes(audience.role);
  if ('group' in audience) return (reader) => reader.isMember(audience.group);
  const users = new Set(audience.users);
  return ({ userId }) => users.has(userId);
}
