import 'reflect-metadata';
import { ValidationPipe } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { serveGateway } from '../nest-gateway.js';
import { openTypeOrm } from '../type-orm.js';
import { ChatGateway } from './chat.gateway.js';
import { ConversationEntity } from './conversation.entity.js';
import { MessageStore } from './message-store.js';
import { OrderedMessageEntity } from './ordered-message.entity.js';

/** A durable chat that keeps the same promises as ours on one node, built from what Nest and TypeORM offer. */
const entities = [ConversationEntity, OrderedMessageEntity];
const dataSource = { provide: DataSource, useFactory: () => openTypeOrm(entities) };

await serveGateway([ChatGateway, MessageStore, dataSource], new ValidationPipe());
