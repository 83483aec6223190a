import { readFileSync } from 'node:fs';
import type { ConfigProblem } from './config-error.js';
import { ENV, type EnvValues, type Variable, type VariableName } from './env.schema.js';
import { unknownVariables } from './unknown-variables.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** What was read, and what was wrong; only without problems are the values whole. */
export interface Reading {
  values: EnvValues;
  problems: ConfigProblem[];
}

const given = (environment: Environment, name: string): string | undefined =>
  environment[name]?.trim() === '' ? undefined : environment[name];

/** Names the file in a problem, never what it holds. */
export function readTextFile(path: string): { text: string } | { reason: string } {
  try {
    return { text: readFileSync(path, 'utf8').trim() };
  } catch (error) {
    return { reason: `cannot read ${path} (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})` };
  }
}

function rawText(
  environment: Environment,
  name: string,
  variable: Variable,
): { text?: string } | ConfigProblem {
  const direct = given(environment, name);
  const fileName = `${name}_FILE`;
  const path = variable.fileVariant ? given(environment, fileName) : undefined;
  if (path === undefined) return { text: direct };
  if (direct !== undefined)
    return { variable: fileName, reason: `is set together with ${name}; set one of them` };
  const file = readTextFile(path);
  if ('reason' in file) return { variable: fileName, reason: file.reason };
  return file.text === '' ? { variable: fileName, reason: 'names an empty file' } : file;
}

function readVariable(
  environment: Environment,
  name: string,
  variable: Variable,
): { value?: unknown } | ConfigProblem {
  const raw = rawText(environment, name, variable);
  if ('reason' in raw) return raw;
  const text = raw.text ?? variable.default;
  if (text === undefined) return {};
  const result = variable.parse.safeParse(text);
  return result.success
    ? { value: result.data }
    : { variable: name, reason: result.error.issues[0]?.message ?? 'is wrong' };
}

/** Parses every variable of the schema and collects all that is wrong, instead of stopping at the first. */
export function readEnvironment(environment: Environment): Reading {
  const values: Partial<Record<VariableName, unknown>> = {};
  const problems: ConfigProblem[] = [];
  for (const [name, variable] of Object.entries(ENV) as [VariableName, Variable][]) {
    const result = readVariable(environment, name, variable);
    if ('reason' in result) problems.push(result);
    else values[name] = result.value;
  }
  problems.push(...unknownVariables(Object.keys(environment), environment));
  return { values: values as EnvValues, problems };
}
