import { Injectable } from '@nestjs/common';
import { ErrorCode, type ConversationSettings, type ConversationState } from '@rookery/protocol';
import { AppError } from '../common/index.js';
import { HubService } from '../hub/index.js';
import { JournalService } from '../journal/index.js';
import { resolveTarget } from './conversation-access.js';
import { ConversationSettingsRepository } from './conversation-settings.repository.js';

export type SettingsChange = Partial<ConversationSettings> & { conversation: string };

/** Users asked about in one query. */
const USERS_AT_ONCE = 500;

/**
 * How each user wants to have his conversations: muted until some time, pinned, archived. The last change wins; his
 * other devices are told when they are connected, and see it in `chat.sync` when they were not.
 */
@Injectable()
export class ConversationSettingsService {
  constructor(
    private readonly settings: ConversationSettingsRepository,
    private readonly journal: JournalService,
    private readonly hub: HubService,
  ) {}

  /** Resolves after the commit. AppError `not_found` for a conversation that has nothing for the user. */
  async change(user: string, change: SettingsChange, origin?: string): Promise<ConversationSettings> {
    const { conversation } = resolveTarget(user, change);
    if (!(await this.journal.membership(user, conversation))) throw new AppError(ErrorCode.NotFound);
    const settings = await this.settings.change(user, change);
    this.hub.sendToUser(user, 'chat.settings', settings, { except: origin });
    return settings;
  }

  /** Whether a user wants not to be disturbed by a conversation now: ask before a push notification. */
  async isMuted(user: string, conversation: string): Promise<boolean> {
    return (await this.mutedAmong(conversation, [user])).has(user);
  }

  /** Of these users, those who want not to be disturbed by a conversation now. One query for 500 of them. */
  async mutedAmong(conversation: string, users: readonly string[]): Promise<Set<string>> {
    const muted = new Set<string>();
    for (let first = 0; first < users.length; first += USERS_AT_ONCE) {
      const some = users.slice(first, first + USERS_AT_ONCE);
      for (const user of await this.settings.mutedAmong(conversation, some, Date.now())) muted.add(user);
    }
    return muted;
  }

  /** Conversations that a user wants not to be disturbed by now. */
  mutedBy(user: string): Promise<Set<string>> {
    return this.settings.mutedBy(user, Date.now());
  }

  /** What a list of conversations shows of them; nothing where they are the default. */
  async shown(user: string, conversations: readonly string[]): Promise<Map<string, ShownSettings>> {
    const now = Date.now();
    const found = await this.settings.of(user, conversations);
    return new Map([...found].map(([id, settings]) => [id, shownOf(settings, now)]));
  }
}

type ShownSettings = Pick<ConversationState, 'mutedUntil' | 'pinned' | 'archived'>;

const shownOf = ({ mutedUntil, pinned, archived }: ConversationSettings, now: number): ShownSettings => ({
  ...(mutedUntil !== null && mutedUntil > now && { mutedUntil }),
  ...(pinned && { pinned }),
  ...(archived && { archived }),
});
