import { z } from 'zod';
import { Locale, NotificationContent, PageLimit, TemplateName } from '../notification.schema.js';

/** Stands for the language of readers who named none, or one that there is no text in. */
export const DEFAULT_LOCALE = 'default';

export const TemplateBody = z.strictObject({
  content: NotificationContent.describe('JSON whose strings are Liquid templates'),
});
export type TemplateBody = z.infer<typeof TemplateBody>;

export const TemplatePlace = z.strictObject({ name: TemplateName, locale: Locale });
export type TemplatePlace = z.infer<typeof TemplatePlace>;

export const TemplateNamed = z.strictObject({ name: TemplateName });
export type TemplateNamed = z.infer<typeof TemplateNamed>;

export const TemplatePage = z.strictObject({
  cursor: z
    .string()
    .regex(/^[\w.-]{1,64}\/[a-z0-9-]{1,35}$/, 'The next of the page before')
    .optional(),
  limit: PageLimit,
});
export type TemplatePage = z.infer<typeof TemplatePage>;
