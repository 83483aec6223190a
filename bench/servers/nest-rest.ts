import 'reflect-metadata';
import { Body, Controller, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DataSource } from 'typeorm';
import { MessageEntity } from './message.entity.js';
import { nestListening } from './nest-listening.js';
import { openTypeOrm } from './type-orm.js';

/** A controller as a team would write it first: no token, no schema, `repository.save` for each message. */
interface SendBody {
  type: string;
  to: string;
  content: unknown;
}

let made = 0;

@Controller('api/ws')
class SendController {
  constructor(private readonly dataSource: DataSource) {}

  @Post('send')
  async send(@Body() { type, to, content }: SendBody) {
    const saved = await this.dataSource.getRepository(MessageEntity).save({
      conversationId: `inbox:${to}`,
      senderId: '',
      clientId: String(made++),
      body: JSON.stringify({ type, content }),
      createdAt: Date.now(),
    });
    return { conversation: saved.conversationId, seq: saved.id, time: saved.createdAt };
  }
}

@Module({
  controllers: [SendController],
  providers: [{ provide: DataSource, useFactory: () => openTypeOrm([MessageEntity]) }],
})
class SendModule {}

await nestListening(await NestFactory.create(SendModule, { logger: false, abortOnError: false }));
