import { Body, Controller, HttpCode, Post, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AuthGuard, CurrentUser, type Principal } from '../auth/index.js';
import { LogoutBody } from './admin.schema.js';
import { AdminService } from './admin.service.js';

/** The envelope that clients of this call have always been given. */
const SUCCESS = { code: 1000, msg: 'success', data: null };

@ApiTags('user')
@ApiBearerAuth()
@UseGuards(AuthGuard)
@Controller('user')
export class LogoutController {
  constructor(private readonly admin: AdminService) {}

  /** Closes the connections of a user, who must be the caller unless the caller is an administrator. */
  @Post('wsLogout')
  @HttpCode(200)
  logout(@CurrentUser() caller: Principal, @Body({ schema: LogoutBody }) body: LogoutBody) {
    this.admin.logout(caller, body.owner_id);
    return SUCCESS;
  }
}
