import { createHash } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ErrorCode, type GroupInvitation } from '@rookery/protocol';
import { AppError } from '../common/index.js';
import { ContactDirectory } from '../contacts/index.js';
import { EventPresenters } from '../hub/index.js';
import { entryId, inboxConversation, JournalService, SYSTEM_SENDER, type Entry } from '../journal/index.js';
import { isInvited, stateOf } from './group-state.js';

/** Type of the inbox entries that tell of an invitation. */
export const INVITATION_ENTRY = 'group.invited';

type InvitationBody = Omit<GroupInvitation, 'conversation' | 'seq' | 'id' | 'time'>;

/** Tells the invited, whether they are there or not. */
@Injectable()
export class GroupInvitations implements OnModuleInit {
  constructor(
    private readonly journal: JournalService,
    private readonly presenters: EventPresenters,
    private readonly contacts: ContactDirectory,
  ) {}

  onModuleInit(): void {
    this.presenters.register(INVITATION_ENTRY, (entry) => ({
      type: INVITATION_ENTRY,
      data: toInvitation(entry),
    }));
  }

  /** Of those invited, who has blocked the one who invites. */
  blockers(by: string, users: readonly string[]): Promise<ReadonlySet<string>> {
    return this.contacts.blockersOf(by, users);
  }

  /**
   * One entry in the inbox of each who is invited and may know it. Repeated for the same entry of the group it stores
   * nothing new, so that a death between that entry and these is made good by the inviter's retry.
   */
  async tell(invitation: Entry, users: readonly string[], until: number): Promise<void> {
    const { conversation: group, sender: by } = invitation;
    const facts = await this.journal.conversation(group);
    if (!facts) return;
    const clientId = `group-${createHash('sha256').update(entryId(invitation)).digest('base64url')}`;
    const body: InvitationBody = { group, name: stateOf(facts).name, by, until };
    await Promise.all(users.map((user) => this.tellOne(user, clientId, body)));
  }

  private async tellOne(user: string, clientId: string, body: InvitationBody): Promise<void> {
    if (!isInvited(await this.journal.relation(user, body.group), Date.now())) return;
    const told = this.journal.append({
      conversation: inboxConversation(user),
      create: { kind: 'inbox', members: [user] },
      type: INVITATION_ENTRY,
      sender: SYSTEM_SENDER,
      clientId,
      body,
    });
    // He was told before, when the group had another name.
    await told.catch((error: unknown) => {
      if (!(error instanceof AppError) || error.code !== ErrorCode.Conflict) throw error;
    });
  }
}

function toInvitation(entry: Entry): GroupInvitation {
  const { conversation, seq, time } = entry;
  return { conversation, seq, id: entryId(entry), time, ...(entry.body as InvitationBody) };
}
