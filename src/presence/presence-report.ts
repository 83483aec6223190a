import { Injectable } from '@nestjs/common';
import { ErrorCode, type PresenceState } from '@rookery/protocol';
import { isAdmin, type Principal } from '../auth/index.js';
import { AppError, invalidField, isUserId } from '../common/index.js';
import { PresenceService } from './presence.service.js';

/** What is true of a user, whatever he lets others see. */
export interface UserReport {
  user: string;
  isOnline: boolean;
  state: PresenceState;
  platforms: string[];
  /** Milliseconds since the epoch; null: never. While he is there and not invisible it is now. */
  lastSeen: number | null;
}

/** What services and administrators ask over REST. */
@Injectable()
export class PresenceReport {
  constructor(private readonly presence: PresenceService) {}

  async one(caller: Principal, user: string): Promise<UserReport> {
    if (!isUserId(user)) throw invalidField('user', 'Not a user id');
    const [report] = (await this.many(caller, [user])).users;
    return report as UserReport;
  }

  async many(caller: Principal, users: readonly string[]): Promise<{ users: UserReport[] }> {
    if (!isAdmin(caller) && users.some((user) => user !== caller.userId))
      throw new AppError(ErrorCode.Forbidden);
    const [truth, seen] = await Promise.all([this.presence.truth(users), this.presence.lastSeenOf(users)]);
    return {
      users: truth.map(({ user, state, platforms = [] }) => ({
        user,
        isOnline: this.presence.isOnline(user),
        state,
        platforms,
        lastSeen: seen.get(user) ?? null,
      })),
    };
  }
}
