import { Controller, Get, Param, Redirect, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { ErrorCode } from '@rookery/protocol';
import { AppError } from '../common/index.js';
import { ChatPage, type PageFile } from './chat-page.js';
import { pageHeaders } from './page-headers.js';

@ApiExcludeController()
@Controller()
export class ChatPageController {
  constructor(private readonly files: ChatPage) {}

  @Get()
  @Redirect('/chat')
  home(): void {}

  @Get('chat')
  page(@Req() request: Request, @Res() response: Response): void {
    write(request, response, this.files.page);
  }

  @Get('chat/:file')
  asset(@Req() request: Request, @Res() response: Response, @Param('file') name: string): void {
    const file = this.files.file(name);
    if (!file) throw new AppError(ErrorCode.NotFound);
    write(request, response, file);
  }
}

function write(request: Request, response: Response, { type, body }: PageFile): void {
  response.set(pageHeaders(request.headers.host)).type(type).send(body);
}
