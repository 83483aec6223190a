import { Body, Controller, Delete, Get, Headers, Param, Post, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AuthGuard, Roles, RolesGuard } from '../auth/index.js';
import { idempotencyKeyOf } from '../common/index.js';
import { BroadcastBody, SendBody, StatusQuery, UserParams } from './admin.schema.js';
import { AdminService } from './admin.service.js';
import { TokenRevocationService } from './token-revocation.service.js';

@ApiTags('admin')
@ApiBearerAuth()
@UseGuards(AuthGuard, RolesGuard)
@Roles('admin')
@Controller('api')
export class AdminController {
  constructor(
    private readonly admin: AdminService,
    private readonly revocations: TokenRevocationService,
  ) {}

  /** Who is online. */
  @Get('ws/status')
  status(@Query({ schema: StatusQuery }) query: StatusQuery) {
    return this.admin.status(query);
  }

  /** Tells everybody. Stored once; who is away gets it on return. */
  @Post('ws/broadcast')
  broadcast(@Body({ schema: BroadcastBody }) body: BroadcastBody, @Headers('idempotency-key') key?: string) {
    return this.admin.broadcast(body, idempotencyKeyOf(key));
  }

  /** Tells one user. Stored; if he is away he gets it on return. */
  @Post('ws/send')
  send(@Body({ schema: SendBody }) body: SendBody, @Headers('idempotency-key') key?: string) {
    return this.admin.send(body, idempotencyKeyOf(key));
  }

  /** Closes the user's connections. */
  @Delete('v1/users/:user/connections')
  disconnect(@Param('user') user: string) {
    return this.admin.disconnect(user);
  }

  /** Revokes every token of the user that was issued up to now, and closes his connections. */
  @Delete('v1/users/:user/tokens')
  revoke(@Param({ schema: UserParams }) { user }: UserParams) {
    return this.revocations.revoke(user);
  }
}
