import { Controller, Delete, Get, HttpCode, Param, Post, Query, Req, Res, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiConsumes, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { AuthGuard, CurrentUser, type Principal } from '../auth/index.js';
import { CommandRateGuard } from '../transport/index.js';
import { UploadQuery } from './attachment.schema.js';
import { AttachmentsService } from './attachments.service.js';
import { sendAttachment } from './send-attachment.js';

@ApiTags('attachments')
@ApiBearerAuth()
@UseGuards(AuthGuard)
@Controller('api/v1/attachments')
export class AttachmentsController {
  constructor(private readonly attachments: AttachmentsService) {}

  /** Takes a file: the body itself, or the first file of a form. Its `url` then goes into a message. */
  @Post()
  @UseGuards(CommandRateGuard)
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
  @ApiConsumes('application/octet-stream', 'multipart/form-data')
  upload(
    @CurrentUser() user: Principal,
    @Req() request: Request,
    @Query({ schema: UploadQuery }) { name }: UploadQuery,
  ) {
    return this.attachments.upload(user.userId, request, name);
  }

  /** Gives a file, or a range of it, to its owner and to whoever sees a message that refers to it. */
  @Get(':id')
  async download(
    @CurrentUser() user: Principal,
    @Param('id') id: string,
    @Req() request: Request,
    @Res() response: Response,
  ) {
    const attachment = await this.attachments.find(user.userId, id);
    await sendAttachment(attachment, (range) => this.attachments.open(attachment, range), request, response);
  }

  /** Takes back a file of one's own that no message refers to. */
  @Delete(':id')
  @HttpCode(204)
  async remove(@CurrentUser() user: Principal, @Param('id') id: string) {
    await this.attachments.remove(user.userId, id);
  }
}
