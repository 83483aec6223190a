import { execFileSync } from 'node:child_process';
import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { Test } from '@nestjs/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { CommandName, EventName } from '@rookery/protocol';
import { MessageActionsGateway } from '../chat/actions/message-actions.gateway.js';
import { CallGateway } from '../calls/call.gateway.js';
import { CallService } from '../calls/index.js';
import { ChatGateway } from '../chat/chat.gateway.js';
import {
  ConversationService,
  ConversationSettingsService,
  EditService,
  ForwardService,
  HideService,
  MessageService,
  PinService,
  ReactionService,
  RecallService,
  UnreadService,
} from '../chat/index.js';
import { InboxGateway } from '../chat/inbox.gateway.js';
import { MentionService } from '../chat/mention.service.js';
import { ReaderService } from '../chat/reader.service.js';
import { BroadcastService } from '../chat/broadcast.service.js';
import { TypingService } from '../chat/typing.service.js';
import { AppConfig } from '../config/index.js';
import { ContactGateway } from '../contacts/contact.gateway.js';
import { ContactService } from '../contacts/index.js';
import { GroupGateway } from '../groups/group.gateway.js';
import { GroupService } from '../groups/index.js';
import { InboxReader } from '../notifications/inbox/inbox-reader.js';
import { InboxService } from '../notifications/inbox/inbox.service.js';
import { LocaleService } from '../notifications/locale.service.js';
import { NotificationGateway } from '../notifications/notification.gateway.js';
import { PresenceService } from '../presence/index.js';
import { PresenceGateway } from '../presence/presence.gateway.js';
import { PublishService } from '../notifications/publish.service.js';
import { SearchService } from '../search/index.js';
import { SearchGateway } from '../search/search.gateway.js';
import { PushDevicesService } from '../push/push-devices.service.js';
import { PushGateway } from '../push/push.gateway.js';
import { SessionGateway } from '../transport/session.gateway.js';
import { TokenRenewal } from '../transport/token-renewal.js';
import { asyncApiDocument, type AsyncApiDocument } from './asyncapi-document.js';
import { CommandDiscovery } from './command-discovery.js';
import { EVENT_SCHEMAS, REPLY_SCHEMAS } from './event-schemas.js';

interface Verdict {
  diagnostics: { code: string | number; message: string; path: (string | number)[] }[];
  operations?: number;
}

/** That there is an AsyncAPI after 3.0 is no fault of a document in 3.0. */
const NEWER_EXISTS = 'asyncapi-latest-version';

const PARSE = `
  const { Parser } = require('@asyncapi/parser');
  new Parser().parse(require('node:fs').readFileSync(0, 'utf8')).then(({ document, diagnostics }) =>
    console.log(JSON.stringify({ diagnostics, operations: document?.operations().all().length })));`;

/** It takes seconds, and longer with every command. */
const PARSER_TIMEOUT = 60_000;

/** In a process of its own: the export conditions that the test runner sets make a part of the parser not load. */
function officialVerdict(document: object): Verdict {
  const output = execFileSync(process.execPath, ['-e', PARSE], {
    input: JSON.stringify(document),
    encoding: 'utf8',
    env: { PATH: process.env.PATH },
  });
  return JSON.parse(output) as Verdict;
}

@WebSocketGateway({ path: '/own' })
class OwnGateway {
  @SubscribeMessage('own.command')
  handle(@MessageBody({ schema: z.strictObject({ size: z.int().min(1).max(7) }) }) body: unknown) {
    return body;
  }
}

@Module({
  imports: [DiscoveryModule],
  providers: [
    CallGateway,
    ChatGateway,
    InboxGateway,
    SearchGateway,
    ContactGateway,
    GroupGateway,
    MessageActionsGateway,
    SessionGateway,
    NotificationGateway,
    PresenceGateway,
    PushGateway,
    OwnGateway,
    CommandDiscovery,
    { provide: AppConfig, useValue: { ws: { path: '/ws' } } },
    ...[
      PresenceService,
      MessageService,
      ConversationService,
      GroupService,
      UnreadService,
      CallService,
      ContactService,
      MentionService,
      SearchService,
      ConversationSettingsService,
      ReaderService,
      BroadcastService,
      TypingService,
      EditService,
      ForwardService,
      HideService,
      PinService,
      ReactionService,
      RecallService,
      PublishService,
      InboxReader,
      InboxService,
      LocaleService,
      PushDevicesService,
      TokenRenewal,
    ].map((provide) => ({
      provide,
      useValue: {},
    })),
  ],
})
class GatewaysModule {}

const COMMANDS = Object.keys(REPLY_SCHEMAS) as CommandName[];
const EVENTS = Object.keys(EVENT_SCHEMAS) as EventName[];

describe('asyncApiDocument', () => {
  let document: AsyncApiDocument;

  beforeAll(async () => {
    const module = await Test.createTestingModule({ imports: [GatewaysModule] }).compile();
    const commands = module.get(CommandDiscovery).all();
    document = asyncApiDocument(commands, { host: 'chat.example', secure: true, wsPath: '/ws' }, '1.2.3');
  });

  it(
    'is accepted by the official parser without a complaint',
    () => {
      const { operations, diagnostics } = officialVerdict(document);
      expect(diagnostics.filter(({ code }) => code !== NEWER_EXISTS)).toEqual([]);
      expect(operations).toBe(COMMANDS.length + EVENTS.length + 1);
    },
    PARSER_TIMEOUT,
  );

  it.each(COMMANDS)('has the command %s with its reply', (name) => {
    expect(document.operations[`receive.${name}`]).toMatchObject({ action: 'receive', reply: {} });
    expect(document.components.schemas[`reply.${name}.data`]).toBeDefined();
  });

  it.each(EVENTS)('has the event %s', (name) => {
    expect(document.operations[`send.${name}`]).toMatchObject({ action: 'send' });
    expect(document.components.schemas[`${name}.data`]).toBeDefined();
  });

  it('has the commands of gateways that we did not write, on their own channel', () => {
    expect(document.channels.own).toMatchObject({ address: '/own' });
    expect(document.components.schemas['command.own.command.data']).toMatchObject({
      properties: { size: { minimum: 1, maximum: 7 } },
    });
  });

  it('takes the limits from the schemas that validate', () => {
    expect(JSON.stringify(document.components.schemas['command.chat.history.data'])).toContain(
      '"maximum":200',
    );
  });

  it('keeps every reference inside the document', () => {
    const refs = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path!);
    const resolved = (path: string) => path.split('/').reduce<any>((value, key) => value?.[key], document);
    expect(refs.filter((path) => resolved(path) === undefined)).toEqual([]);
  });
});
