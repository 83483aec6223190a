import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AuthGuard, CurrentUser, Roles, RolesGuard, type Principal } from '../auth/index.js';
import { CommandRateGuard } from '../transport/index.js';
import { ownerOf } from './contact-owner.js';
import {
  ActionParams,
  ListQuery,
  OnBehalfQuery,
  OtherParams,
  RemarkBody,
  RequestBody,
} from './contact.schema.js';
import { ContactService } from './contact.service.js';

@ApiTags('contacts')
@ApiBearerAuth()
@UseGuards(AuthGuard, CommandRateGuard)
@Controller('api/v1/contacts')
export class ContactController {
  constructor(private readonly contacts: ContactService) {}

  /** The list of the caller, or, for an administrator, of `user`. */
  @Get()
  list(@CurrentUser() caller: Principal, @Query({ schema: ListQuery }) query: ListQuery) {
    return this.contacts.list(ownerOf(caller, query), query);
  }

  /** Asks somebody to be a contact; who was asked by him already becomes one. */
  @Post(':other/request')
  @HttpCode(200)
  request(
    @CurrentUser() caller: Principal,
    @Param({ schema: OtherParams }) { other }: OtherParams,
    @Query({ schema: OnBehalfQuery }) query: OnBehalfQuery,
    @Body({ schema: RequestBody }) { message }: RequestBody,
  ) {
    return this.contacts.request(ownerOf(caller, query), other, message);
  }

  /** The own name for somebody in the list; empty takes it away. */
  @Put(':other/remark')
  remark(
    @CurrentUser() caller: Principal,
    @Param({ schema: OtherParams }) { other }: OtherParams,
    @Query({ schema: OnBehalfQuery }) query: OnBehalfQuery,
    @Body({ schema: RemarkBody }) { remark }: RemarkBody,
  ) {
    return this.contacts.remark(ownerOf(caller, query), other, remark);
  }

  /** Accepts or declines a request, blocks or unblocks. */
  @Put(':other/:action')
  act(
    @CurrentUser() caller: Principal,
    @Param({ schema: ActionParams }) { other, action }: ActionParams,
    @Query({ schema: OnBehalfQuery }) query: OnBehalfQuery,
  ) {
    return this.contacts.act(ownerOf(caller, query), other, action);
  }

  /** Makes two users contacts without asking them. */
  @Put(':other')
  @UseGuards(RolesGuard)
  @Roles('admin')
  link(
    @CurrentUser() caller: Principal,
    @Param({ schema: OtherParams }) { other }: OtherParams,
    @Query({ schema: OnBehalfQuery }) query: OnBehalfQuery,
  ) {
    return this.contacts.act(ownerOf(caller, query), other, 'link');
  }

  /** Ends a contact, or takes back a request. */
  @Delete(':other')
  remove(
    @CurrentUser() caller: Principal,
    @Param({ schema: OtherParams }) { other }: OtherParams,
    @Query({ schema: OnBehalfQuery }) query: OnBehalfQuery,
  ) {
    return this.contacts.act(ownerOf(caller, query), other, 'remove');
  }
}
