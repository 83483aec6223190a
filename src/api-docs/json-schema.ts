import { z } from 'zod';

export type JsonSchema = Record<string, unknown>;

/** Definitions of recursive schemas, to be kept beside the schema that refers to them. */
export interface NamedSchemas {
  [name: string]: JsonSchema;
}

const DEFINITION_REF = /^#\/definitions\//;

/**
 * Draft 7 JSON Schema of what a zod schema takes in, as AsyncAPI wants it: recursive parts become components of their
 * own, because a `$ref` counts from the root of the whole document. Anything that is no zod schema is any JSON.
 */
export function toComponents(name: string, schema: unknown): NamedSchemas {
  if (!(schema instanceof z.ZodType)) return { [name]: {} };
  const options = { target: 'draft-7', io: 'input', unrepresentable: 'any' } as const;
  const { $schema: _, definitions, ...own } = z.toJSONSchema(schema, options) as JsonSchema;
  const components: NamedSchemas = { [name]: own };
  for (const [key, definition] of Object.entries((definitions ?? {}) as NamedSchemas)) {
    components[`${name}.${key}`] = definition;
  }
  return movedRefs(components, `#/components/schemas/${name}.`, name) as NamedSchemas;
}

function movedRefs(value: unknown, prefix: string, name: string): unknown {
  if (Array.isArray(value)) return value.map((item) => movedRefs(item, prefix, name));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === '$ref' && typeof inner === 'string'
        ? movedRef(inner, prefix, name)
        : movedRefs(inner, prefix, name),
    ]),
  );
}

function movedRef(ref: string, prefix: string, name: string): string {
  return ref === '#' ? `#/components/schemas/${name}` : ref.replace(DEFINITION_REF, prefix);
}
