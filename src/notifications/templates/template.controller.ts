import { Body, Controller, Delete, Get, HttpCode, Param, Put, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AuthGuard, Roles, RolesGuard } from '../../auth/index.js';
import { TemplateBody, TemplateNamed, TemplatePage, TemplatePlace } from './template.schema.js';
import { TemplateService } from './template.service.js';

/** What notifications say, by name and language. */
@ApiTags('admin')
@ApiBearerAuth()
@UseGuards(AuthGuard, RolesGuard)
@Roles('admin')
@Controller('api/v1/admin/notification-templates')
export class TemplateController {
  constructor(private readonly templates: TemplateService) {}

  /** By name and language. */
  @Get()
  list(@Query({ schema: TemplatePage }) page: TemplatePage) {
    return this.templates.list(page);
  }

  /** One in all its languages. */
  @Get(':name')
  async named(@Param({ schema: TemplateNamed }) { name }: TemplateNamed) {
    return { templates: await this.templates.named(name) };
  }

  /** Makes or replaces one in a language, or `default`. What was told or is scheduled already stays as it is. */
  @Put(':name/:locale')
  save(
    @Param({ schema: TemplatePlace }) { name, locale }: TemplatePlace,
    @Body({ schema: TemplateBody }) { content }: TemplateBody,
  ) {
    return this.templates.save(name, locale, content);
  }

  @Delete(':name/:locale')
  @HttpCode(204)
  remove(@Param({ schema: TemplatePlace }) { name, locale }: TemplatePlace): Promise<void> {
    return this.templates.remove(name, locale);
  }

  /** In all its languages. */
  @Delete(':name')
  @HttpCode(204)
  removeAll(@Param({ schema: TemplateNamed }) { name }: TemplateNamed): Promise<void> {
    return this.templates.remove(name);
  }
}
