import { UseGuards } from '@nestjs/common';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { CurrentUser, Roles, RolesGuard, type Principal } from '../auth/index.js';
import {
  GroupAdd,
  GroupCreate,
  GroupGet,
  GroupList,
  GroupMembers,
  GroupUpdate,
  GroupUser,
  GroupUserMute,
  GroupUserRole,
  GroupUsers,
  InGroup,
} from './group.schema.js';
import { GroupService } from './group.service.js';

@WebSocketGateway()
export class GroupGateway {
  constructor(private readonly groups: GroupService) {}

  @SubscribeMessage('group.create')
  create(
    @CurrentUser() me: Principal,
    @MessageBody({ schema: GroupCreate }) { clientId, ...draft }: GroupCreate,
  ) {
    return this.groups.create(me.userId, draft, { key: clientId, principal: me });
  }

  @SubscribeMessage('group.get')
  get(@CurrentUser() me: Principal, @MessageBody({ schema: GroupGet }) { conversation }: GroupGet) {
    return this.groups.get(me.userId, conversation);
  }

  @SubscribeMessage('group.update')
  update(
    @CurrentUser() me: Principal,
    @MessageBody({ schema: GroupUpdate }) { conversation, clientId, ...set }: GroupUpdate,
  ) {
    return this.groups.update(me.userId, conversation, set, { key: clientId, principal: me });
  }

  @SubscribeMessage('group.members')
  members(
    @CurrentUser() me: Principal,
    @MessageBody({ schema: GroupMembers }) { conversation, ...query }: GroupMembers,
  ) {
    return this.groups.members(me.userId, conversation, query);
  }

  @SubscribeMessage('group.list')
  list(@CurrentUser() me: Principal, @MessageBody({ schema: GroupList }) query: GroupList) {
    return this.groups.list(me.userId, query);
  }

  @UseGuards(RolesGuard)
  @Roles('admin')
  @SubscribeMessage('group.add')
  add(
    @CurrentUser() me: Principal,
    @MessageBody({ schema: GroupAdd }) { conversation, users, clientId }: GroupUsers,
  ) {
    return this.groups.add(me.userId, conversation, users, { key: clientId, principal: me });
  }

  @SubscribeMessage('group.join')
  join(@CurrentUser() me: Principal, @MessageBody({ schema: InGroup }) { conversation, clientId }: InGroup) {
    return this.groups.join(me.userId, conversation, { key: clientId, principal: me });
  }

  @SubscribeMessage('group.leave')
  leave(@CurrentUser() me: Principal, @MessageBody({ schema: InGroup }) { conversation, clientId }: InGroup) {
    return this.groups.leave(me.userId, conversation, { key: clientId, principal: me });
  }

  @SubscribeMessage('group.accept')
  accept(
    @CurrentUser() me: Principal,
    @MessageBody({ schema: InGroup }) { conversation, clientId }: InGroup,
  ) {
    return this.groups.accept(me.userId, conversation, { key: clientId, principal: me });
  }

  @SubscribeMessage('group.decline')
  decline(
    @CurrentUser() me: Principal,
    @MessageBody({ schema: InGroup }) { conversation, clientId }: InGroup,
  ) {
    return this.groups.decline(me.userId, conversation, { key: clientId, principal: me });
  }

  @SubscribeMessage('group.request')
  request(
    @CurrentUser() me: Principal,
    @MessageBody({ schema: InGroup }) { conversation, clientId }: InGroup,
  ) {
    return this.groups.request(me.userId, conversation, { key: clientId, principal: me });
  }

  @SubscribeMessage('group.dissolve')
  dissolve(
    @CurrentUser() me: Principal,
    @MessageBody({ schema: InGroup }) { conversation, clientId }: InGroup,
  ) {
    return this.groups.dissolve(me.userId, conversation, { key: clientId, principal: me });
  }

  @SubscribeMessage('group.invite')
  invite(
    @CurrentUser() me: Principal,
    @MessageBody({ schema: GroupUsers }) { conversation, users, clientId }: GroupUsers,
  ) {
    return this.groups.invite(me.userId, conversation, users, { key: clientId, principal: me });
  }

  @SubscribeMessage('group.approve')
  approve(
    @CurrentUser() me: Principal,
    @MessageBody({ schema: GroupUsers }) { conversation, users, clientId }: GroupUsers,
  ) {
    return this.groups.approve(me.userId, conversation, users, { key: clientId, principal: me });
  }

  @SubscribeMessage('group.reject')
  reject(
    @CurrentUser() me: Principal,
    @MessageBody({ schema: GroupUsers }) { conversation, users, clientId }: GroupUsers,
  ) {
    return this.groups.reject(me.userId, conversation, users, { key: clientId, principal: me });
  }

  @SubscribeMessage('group.remove')
  remove(
    @CurrentUser() me: Principal,
    @MessageBody({ schema: GroupUsers }) { conversation, users, clientId }: GroupUsers,
  ) {
    return this.groups.remove(me.userId, conversation, users, { key: clientId, principal: me });
  }

  @SubscribeMessage('group.ban')
  ban(
    @CurrentUser() me: Principal,
    @MessageBody({ schema: GroupUsers }) { conversation, users, clientId }: GroupUsers,
  ) {
    return this.groups.ban(me.userId, conversation, users, { key: clientId, principal: me });
  }

  @SubscribeMessage('group.unban')
  unban(
    @CurrentUser() me: Principal,
    @MessageBody({ schema: GroupUsers }) { conversation, users, clientId }: GroupUsers,
  ) {
    return this.groups.unban(me.userId, conversation, users, { key: clientId, principal: me });
  }

  @SubscribeMessage('group.transfer')
  transfer(
    @CurrentUser() me: Principal,
    @MessageBody({ schema: GroupUser }) { conversation, user, clientId }: GroupUser,
  ) {
    return this.groups.transfer(me.userId, conversation, user, { key: clientId, principal: me });
  }

  @SubscribeMessage('group.unmute')
  unmute(
    @CurrentUser() me: Principal,
    @MessageBody({ schema: GroupUser }) { conversation, user, clientId }: GroupUser,
  ) {
    return this.groups.unmute(me.userId, conversation, user, { key: clientId, principal: me });
  }

  @SubscribeMessage('group.role')
  role(
    @CurrentUser() me: Principal,
    @MessageBody({ schema: GroupUserRole }) { conversation, user, role, clientId }: GroupUserRole,
  ) {
    return this.groups.setRole(me.userId, conversation, user, role, { key: clientId, principal: me });
  }

  @SubscribeMessage('group.mute')
  mute(
    @CurrentUser() me: Principal,
    @MessageBody({ schema: GroupUserMute }) { conversation, user, until, clientId }: GroupUserMute,
  ) {
    return this.groups.mute(me.userId, conversation, user, until, { key: clientId, principal: me });
  }
}
