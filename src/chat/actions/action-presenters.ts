import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { MessageActionEvents, MessageChange, Stored } from '@rookery/protocol';
import { EventBus } from '../../common/index.js';
import { EventPresenters } from '../../hub/index.js';
import { JournalService, entryId, type Entry } from '../../journal/index.js';
import {
  MessageEditStored,
  MessagePinStored,
  MessageReactionStored,
  MessageRecallStored,
  MessagesHiddenStored,
} from './action-events.js';
import {
  EDIT_ENTRY,
  type EditBody,
  HIDE_ENTRY,
  type HideBody,
  PIN_ENTRY,
  type PinBody,
  REACTION_ENTRY,
  type ReactionBody,
  RECALL_ENTRY,
} from './action-types.js';

interface Kind {
  event: keyof MessageActionEvents;
  present: (entry: Entry) => unknown;
  stored: abstract new (...args: never[]) => object;
  announce: (entry: Entry) => object;
}

const KINDS: Readonly<Record<string, Kind>> = {
  [EDIT_ENTRY]: {
    event: 'chat.edited',
    present: edited,
    stored: MessageEditStored,
    announce: (entry) => new MessageEditStored(edited(entry)),
  },
  [RECALL_ENTRY]: {
    event: 'chat.recalled',
    present: changed,
    stored: MessageRecallStored,
    announce: (entry) => new MessageRecallStored(changed(entry)),
  },
  [REACTION_ENTRY]: {
    event: 'chat.reaction',
    present: reacted,
    stored: MessageReactionStored,
    announce: (entry) => new MessageReactionStored(reacted(entry)),
  },
  [PIN_ENTRY]: {
    event: 'chat.pinned',
    present: pinned,
    stored: MessagePinStored,
    announce: (entry) => new MessagePinStored(pinned(entry)),
  },
  [HIDE_ENTRY]: {
    event: 'chat.hidden',
    present: hidden,
    stored: MessagesHiddenStored,
    announce: (entry) => new MessagesHiddenStored(entry.sender, hidden(entry)),
  },
};

/** How what happens to messages is pushed, caught up, shown in histories and told to other modules. */
@Injectable()
export class ActionPresenters implements OnModuleInit {
  constructor(
    private readonly presenters: EventPresenters,
    private readonly journal: JournalService,
    private readonly bus: EventBus,
  ) {}

  onModuleInit(): void {
    for (const [type, { event, present }] of Object.entries(KINDS))
      this.presenters.register(type, (entry) => ({ type: event, data: present(entry) }));
    this.journal.onCommitted(({ entry }) => {
      const kind = KINDS[entry.type];
      if (kind && this.bus.has(kind.stored)) this.bus.publish(kind.announce(entry));
    });
  }
}

function stored(entry: Entry): Stored & { clientId: string } {
  const { conversation, seq, time, clientId } = entry;
  return { conversation, seq, id: entryId(entry), time, clientId };
}

function changed(entry: Entry): MessageChange {
  return { ...stored(entry), from: entry.sender, targetSeq: (entry.body as { seq: number }).seq };
}

function edited(entry: Entry): MessageActionEvents['chat.edited'] {
  const { content } = entry.body as EditBody;
  return { ...changed(entry), ...(content !== undefined && { content }) };
}

function reacted(entry: Entry): MessageActionEvents['chat.reaction'] {
  const { emoji, active } = entry.body as ReactionBody;
  return { ...changed(entry), emoji, active };
}

function pinned(entry: Entry): MessageActionEvents['chat.pinned'] {
  return { ...changed(entry), active: (entry.body as PinBody).active };
}

function hidden(entry: Entry): MessageActionEvents['chat.hidden'] {
  const { conversation, seqs } = entry.body as HideBody;
  return { ...stored(entry), messages: { conversation, seqs } };
}
