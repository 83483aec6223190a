import { Injectable, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import type { z } from 'zod';
import { ErrorCode, type FieldError } from '@rookery/protocol';
import { AppError } from '../common/index.js';

/** Issues beyond this many help nobody. */
const MAX_DETAILS = 16;

/**
 * Validates whatever parameter was declared with a zod schema, `@MessageBody({ schema })` and `@Body({ schema })` alike.
 * Nest's own StandardSchemaValidationPipe does the same, but asynchronously and after a second walk over the value.
 */
@Injectable()
export class SchemaPipe implements PipeTransform {
  transform(value: unknown, { schema, type }: ArgumentMetadata & { schema?: unknown }): unknown {
    if (!isZod(schema) || type === 'custom') return value;
    // Nothing is an empty object: where every field may be missing so may all of them, else each is named.
    const parsed = schema.safeParse(value === undefined ? {} : value);
    if (!parsed.success) throw schemaRefusal(parsed.error.issues);
    return parsed.data;
  }
}

function isZod(schema: unknown): schema is z.ZodType {
  return typeof (schema as { safeParse?: unknown } | undefined)?.safeParse === 'function';
}

/** The refusal that names every wrong field and quotes none of them. */
export function schemaRefusal(issues: readonly z.core.$ZodIssue[]): AppError {
  return new AppError(ErrorCode.Invalid, { details: issues.slice(0, MAX_DETAILS).map(fieldError) });
}

function fieldError(issue: z.core.$ZodIssue): FieldError {
  if (issue.code === 'unrecognized_keys') {
    return {
      field: issue.path.join('.'),
      message: `There are ${issue.keys.length} fields that do not belong here`,
    };
  }
  return { field: issue.path.join('.'), message: issue.message };
}
