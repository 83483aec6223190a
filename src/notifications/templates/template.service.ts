import { Injectable } from '@nestjs/common';
import { ErrorCode } from '@rookery/protocol';
import { AppError, invalidField } from '../../common/index.js';
import { RENDER_LIMITS, RenderBudget, checkTemplates, renderJson } from './liquid.js';
import { TemplateRepository, type NotificationTemplate } from './template.repository.js';
import { DEFAULT_LOCALE, type TemplatePage } from './template.schema.js';

/** A stored template, and what its gaps are filled with. */
export interface TemplateUse {
  /** As it was stored with `PUT /api/v1/admin/notification-templates/{name}/{locale}`. */
  name: string;
  /** JSON; at most 16,384 bytes. Default: none. */
  data?: Readonly<Record<string, unknown>>;
}

/** What a template said when it was used. */
export interface Rendered {
  /** In the default language. */
  content: unknown;
  /** In the others, by BCP 47 tag in lower case; absent: there are none. */
  locales?: Record<string, unknown>;
}

/** In all, and languages of one. */
const LIMITS = { templates: 10_000, locales: 32 };

const MAX_DATA_BYTES = 16_384;

/** What notifications say, kept by name and language, in Liquid (https://shopify.github.io/liquid/). */
@Injectable()
export class TemplateService {
  constructor(private readonly templates: TemplateRepository) {}

  /**
   * Fills a template in all its languages. AppError `not_found` for one that is not there, `invalid` (field `template`)
   * where it has no text in the default language, data is missing, or it takes too much time or space.
   */
  async render({ name, data = {} }: TemplateUse): Promise<Rendered> {
    if (Buffer.byteLength(JSON.stringify(data)) > MAX_DATA_BYTES)
      throw invalidField('template.data', `More than ${MAX_DATA_BYTES} bytes`);
    const found = await this.templates.named(name);
    if (found.length === 0) throw new AppError(ErrorCode.NotFound, { message: 'No such template' });
    const fallback = found.find(({ locale }) => locale === DEFAULT_LOCALE);
    if (!fallback) throw invalidField('template', 'It has no text in the default language');
    const budget = new RenderBudget();
    const filled = found.map(({ locale, content }) => [locale, renderJson(content, data, budget)] as const);
    const content = filled.find(([locale]) => locale === DEFAULT_LOCALE)?.[1];
    const others = filled.filter(([locale]) => locale !== DEFAULT_LOCALE);
    return { content, ...(others.length > 0 && { locales: Object.fromEntries(others) }) };
  }

  /** Of notifications told from now on. AppError `invalid` for what is no template, `refused` beyond 10,000 of them. */
  async save(name: string, locale: string, content: unknown): Promise<NotificationTemplate> {
    if (JSON.stringify(content).length > RENDER_LIMITS.template)
      throw invalidField('content', `More than ${RENDER_LIMITS.template} characters`);
    checkTemplates(content);
    const template = { name, locale, content, updatedAt: Date.now() };
    if (!(await this.templates.save(template, LIMITS)))
      throw new AppError(ErrorCode.Refused, { message: 'There are as many templates as there may be' });
    return template;
  }

  /** In all languages. AppError `not_found`. */
  async named(name: string): Promise<NotificationTemplate[]> {
    const found = await this.templates.named(name);
    if (found.length === 0) throw new AppError(ErrorCode.NotFound);
    return found;
  }

  /** By name and language. */
  async list({
    cursor,
    limit,
  }: TemplatePage): Promise<{ templates: NotificationTemplate[]; next: string | null }> {
    const [name = '', locale = ''] = cursor?.split('/') ?? [];
    const rows = await this.templates.page([name, locale], limit + 1);
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return { templates: page, next: last && rows.length > limit ? `${last.name}/${last.locale}` : null };
  }

  /** In one language, or in all. What was told stays as it is. AppError `not_found`. */
  async remove(name: string, locale?: string): Promise<void> {
    if ((await this.templates.remove(name, locale)) === 0) throw new AppError(ErrorCode.NotFound);
  }
}
