import { Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { GroupDirectory } from './group-directory.js';
import { GroupHooks } from './group-hooks.js';
import { GroupInvitations } from './group-invitations.js';
import { GroupMembersRepository } from './group-members.repository.js';
import { GroupGateway } from './group.gateway.js';
import { GroupService } from './group.service.js';
import { GroupsController } from './groups.controller.js';

@Global()
@Module({
  imports: [DiscoveryModule],
  controllers: [GroupsController],
  providers: [
    GroupDirectory,
    GroupGateway,
    GroupHooks,
    GroupInvitations,
    GroupMembersRepository,
    GroupService,
  ],
  exports: [GroupService],
})
export class GroupsModule {}
