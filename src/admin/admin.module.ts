import { Module } from '@nestjs/common';
import { AdminController } from './admin.controller.js';
import { AdminService } from './admin.service.js';
import { IpBlockRepository } from './ip-block.repository.js';
import { IpBlocklistController } from './ip-blocklist.controller.js';
import { IpBlocklistService } from './ip-blocklist.service.js';
import { LogoutController } from './logout.controller.js';
import { TokenRevocationRepository } from './token-revocation.repository.js';
import { TokenRevocationService } from './token-revocation.service.js';

@Module({
  controllers: [AdminController, IpBlocklistController, LogoutController],
  providers: [
    AdminService,
    IpBlockRepository,
    IpBlocklistService,
    TokenRevocationRepository,
    TokenRevocationService,
  ],
})
export class AdminModule {}
