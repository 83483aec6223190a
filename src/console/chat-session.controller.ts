import { Body, Controller, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { ErrorCode } from '@rookery/protocol';
import { TokenIssuer } from '../auth/index.js';
import { AppError, isUserId } from '../common/index.js';
import { AppConfig } from '../config/index.js';
import { IceServer, iceServersOf } from './ice-servers.js';

const HOURS = 3600;
const TTL = 12 * HOURS;

/** Composed and without outer spaces, so that one name typed on two keyboards is one user. */
export const SessionBody = z.strictObject({
  name: z
    .string()
    .max(1000)
    .transform((name) => name.normalize('NFC').trim())
    .refine(isUserId, 'Not a name: 1 to 120 characters, none of them a control or invisible character'),
});
export type SessionBody = z.infer<typeof SessionBody>;

/** `iceServers`: for calls; empty: browsers must reach one another directly. */
export const SessionReply = z.object({ token: z.string(), user: z.string(), iceServers: z.array(IceServer) });
export type SessionReply = z.infer<typeof SessionReply>;

@ApiTags('chat page')
@Controller('chat')
export class ChatSessionController {
  constructor(
    private readonly issuer: TokenIssuer,
    private readonly config: AppConfig,
  ) {}

  /** The demo sign-in: a token of 12 hours for any name, without a role. Exists only where CHAT_PAGE is on. */
  @Post('session')
  @ApiCreatedResponse({ standardSchema: SessionReply })
  async signIn(@Body({ schema: SessionBody }) { name }: SessionBody): Promise<SessionReply> {
    if (!this.issuer.canIssue) {
      const message =
        'The demo sign-in needs JWT_SECRET: with a public key or a key set this server cannot sign tokens';
      throw new AppError(ErrorCode.Refused, { message });
    }
    const expires = Math.floor(Date.now() / 1000) + TTL;
    const iceServers = iceServersOf(this.config.http, name, expires);
    return { token: await this.issuer.issue({ userId: name, ttl: TTL }), user: name, iceServers };
  }
}
