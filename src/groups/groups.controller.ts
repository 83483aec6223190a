import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  Param,
  Patch,
  Post,
  Query,
  UseGuards,
} from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AuthGuard, CurrentUser, Roles, RolesGuard, type Principal } from '../auth/index.js';
import { idempotencyKeyOf } from '../common/index.js';
import { CommandRateGuard } from '../transport/index.js';
import {
  AddedUsers,
  GroupChanges,
  GroupDraft,
  GroupQuery,
  MemberQuery,
  OneUser,
  UserMute,
  UserRole,
  Users,
} from './group.schema.js';
import { GroupService } from './group.service.js';

/** What the commands `group.*` do, for who has no socket; each counts as a command of its caller. */
@ApiTags('groups')
@ApiBearerAuth()
@UseGuards(AuthGuard, CommandRateGuard)
@Controller('api/v1/groups')
export class GroupsController {
  constructor(private readonly groups: GroupService) {}

  /** Makes a group; the caller is its owner. 409 for a taken id. */
  @Post()
  create(
    @CurrentUser() me: Principal,
    @Body({ schema: GroupDraft }) draft: GroupDraft,
    @Headers('idempotency-key') key?: string,
  ) {
    return this.groups.create(me.userId, draft, { key: idempotencyKeyOf(key), principal: me });
  }

  /** The caller's groups, or those that invited him or that he asked. */
  @Get()
  list(@CurrentUser() me: Principal, @Query({ schema: GroupQuery }) query: GroupQuery) {
    return this.groups.list(me.userId, query);
  }

  /** What the caller may see of a group. */
  @Get(':group')
  get(@CurrentUser() me: Principal, @Param('group') group: string) {
    return this.groups.get(me.userId, group);
  }

  /** Changes settings; for owner and admins. */
  @Patch(':group')
  update(
    @CurrentUser() me: Principal,
    @Param('group') group: string,
    @Body({ schema: GroupChanges }) set: GroupChanges,
    @Headers('idempotency-key') key?: string,
  ) {
    return this.groups.update(me.userId, group, set, { key: idempotencyKeyOf(key), principal: me });
  }

  /** Dissolves a group; for its owner. */
  @Delete(':group')
  dissolve(
    @CurrentUser() me: Principal,
    @Param('group') group: string,
    @Headers('idempotency-key') key?: string,
  ) {
    return this.groups.dissolve(me.userId, group, { key: idempotencyKeyOf(key), principal: me });
  }

  /** Members, or, for owner and admins, who is invited, has asked or is banned. */
  @Get(':group/members')
  members(
    @CurrentUser() me: Principal,
    @Param('group') group: string,
    @Query({ schema: MemberQuery }) query: MemberQuery,
  ) {
    return this.groups.members(me.userId, group, query);
  }

  /** Makes up to 1,000 users members without asking them, as one entry; for administrators of the server. */
  @Post(':group/members')
  @HttpCode(200)
  @UseGuards(RolesGuard)
  @Roles('admin')
  add(
    @CurrentUser() me: Principal,
    @Param('group') group: string,
    @Body({ schema: AddedUsers }) { users }: Users,
    @Headers('idempotency-key') key?: string,
  ) {
    return this.groups.add(me.userId, group, users, { key: idempotencyKeyOf(key), principal: me });
  }

  /** Joins an open group, or one that has invited the caller. */
  @Post(':group/join')
  @HttpCode(200)
  join(
    @CurrentUser() me: Principal,
    @Param('group') group: string,
    @Headers('idempotency-key') key?: string,
  ) {
    return this.groups.join(me.userId, group, { key: idempotencyKeyOf(key), principal: me });
  }

  /** Leaves. The owner transfers the group first, unless he is the last. */
  @Post(':group/leave')
  @HttpCode(200)
  leave(
    @CurrentUser() me: Principal,
    @Param('group') group: string,
    @Headers('idempotency-key') key?: string,
  ) {
    return this.groups.leave(me.userId, group, { key: idempotencyKeyOf(key), principal: me });
  }

  /** Accepts an invitation. */
  @Post(':group/accept')
  @HttpCode(200)
  accept(
    @CurrentUser() me: Principal,
    @Param('group') group: string,
    @Headers('idempotency-key') key?: string,
  ) {
    return this.groups.accept(me.userId, group, { key: idempotencyKeyOf(key), principal: me });
  }

  /** Declines an invitation. */
  @Post(':group/decline')
  @HttpCode(200)
  decline(
    @CurrentUser() me: Principal,
    @Param('group') group: string,
    @Headers('idempotency-key') key?: string,
  ) {
    return this.groups.decline(me.userId, group, { key: idempotencyKeyOf(key), principal: me });
  }

  /** Asks to join a private group. */
  @Post(':group/request')
  @HttpCode(200)
  request(
    @CurrentUser() me: Principal,
    @Param('group') group: string,
    @Headers('idempotency-key') key?: string,
  ) {
    return this.groups.request(me.userId, group, { key: idempotencyKeyOf(key), principal: me });
  }

  /** Invites users. */
  @Post(':group/invite')
  @HttpCode(200)
  invite(
    @CurrentUser() me: Principal,
    @Param('group') group: string,
    @Body({ schema: Users }) { users }: Users,
    @Headers('idempotency-key') key?: string,
  ) {
    return this.groups.invite(me.userId, group, users, { key: idempotencyKeyOf(key), principal: me });
  }

  /** Lets those in who have asked. */
  @Post(':group/approve')
  @HttpCode(200)
  approve(
    @CurrentUser() me: Principal,
    @Param('group') group: string,
    @Body({ schema: Users }) { users }: Users,
    @Headers('idempotency-key') key?: string,
  ) {
    return this.groups.approve(me.userId, group, users, { key: idempotencyKeyOf(key), principal: me });
  }

  /** Turns requests down, and takes invitations back. */
  @Post(':group/reject')
  @HttpCode(200)
  reject(
    @CurrentUser() me: Principal,
    @Param('group') group: string,
    @Body({ schema: Users }) { users }: Users,
    @Headers('idempotency-key') key?: string,
  ) {
    return this.groups.reject(me.userId, group, users, { key: idempotencyKeyOf(key), principal: me });
  }

  /** Removes members. */
  @Post(':group/remove')
  @HttpCode(200)
  remove(
    @CurrentUser() me: Principal,
    @Param('group') group: string,
    @Body({ schema: Users }) { users }: Users,
    @Headers('idempotency-key') key?: string,
  ) {
    return this.groups.remove(me.userId, group, users, { key: idempotencyKeyOf(key), principal: me });
  }

  /** Removes users and keeps them out. */
  @Post(':group/ban')
  @HttpCode(200)
  ban(
    @CurrentUser() me: Principal,
    @Param('group') group: string,
    @Body({ schema: Users }) { users }: Users,
    @Headers('idempotency-key') key?: string,
  ) {
    return this.groups.ban(me.userId, group, users, { key: idempotencyKeyOf(key), principal: me });
  }

  /** Lets the banned come again. */
  @Post(':group/unban')
  @HttpCode(200)
  unban(
    @CurrentUser() me: Principal,
    @Param('group') group: string,
    @Body({ schema: Users }) { users }: Users,
    @Headers('idempotency-key') key?: string,
  ) {
    return this.groups.unban(me.userId, group, users, { key: idempotencyKeyOf(key), principal: me });
  }

  /** Gives the group to another member. */
  @Post(':group/transfer')
  @HttpCode(200)
  transfer(
    @CurrentUser() me: Principal,
    @Param('group') group: string,
    @Body({ schema: OneUser }) { user }: OneUser,
    @Headers('idempotency-key') key?: string,
  ) {
    return this.groups.transfer(me.userId, group, user, { key: idempotencyKeyOf(key), principal: me });
  }

  /** Lets a member write again. */
  @Post(':group/unmute')
  @HttpCode(200)
  unmute(
    @CurrentUser() me: Principal,
    @Param('group') group: string,
    @Body({ schema: OneUser }) { user }: OneUser,
    @Headers('idempotency-key') key?: string,
  ) {
    return this.groups.unmute(me.userId, group, user, { key: idempotencyKeyOf(key), principal: me });
  }

  /** Makes a member an admin or a plain member, or the owner. */
  @Post(':group/role')
  @HttpCode(200)
  role(
    @CurrentUser() me: Principal,
    @Param('group') group: string,
    @Body({ schema: UserRole }) { user, role }: UserRole,
    @Headers('idempotency-key') key?: string,
  ) {
    return this.groups.setRole(me.userId, group, user, role, { key: idempotencyKeyOf(key), principal: me });
  }

  /** Keeps a member from writing. */
  @Post(':group/mute')
  @HttpCode(200)
  mute(
    @CurrentUser() me: Principal,
    @Param('group') group: string,
    @Body({ schema: UserMute }) { user, until }: UserMute,
    @Headers('idempotency-key') key?: string,
  ) {
    return this.groups.mute(me.userId, group, user, until, { key: idempotencyKeyOf(key), principal: me });
  }
}
