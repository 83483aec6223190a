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

/** Names that may be repeated to who sent them: neither markup nor a secret of any size. */
const PLAIN_NAME = /^[\w.-]{1,64}$/;

/** The refusal that names every wrong field and quotes the value of none. */
export function schemaRefusal(issues: readonly z.core.$ZodIssue[]): AppError {
  return new AppError(ErrorCode.Invalid, { details: issues.flatMap(fieldErrors).slice(0, MAX_DETAILS) });
}

function fieldErrors(issue: z.core.$ZodIssue): FieldError[] {
  const field = issue.path.join('.');
  if (issue.code !== 'unrecognized_keys') return [{ field, message: issue.message }];
  const plain = issue.keys.filter((name) => PLAIN_NAME.test(name));
  const named = plain.map((name) => ({
    field: [...issue.path, name].join('.'),
    message: 'Does not belong here',
  }));
  const others = issue.keys.length - plain.length;
  if (others === 0) return named;
  return [...named, { field, message: `There are ${others} fields that do not belong here` }];
}
