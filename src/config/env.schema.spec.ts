import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ENV, type Variable } from './env.schema.js';

const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
const variables = Object.entries(ENV as Record<string, Variable>);
const shown = (text: string | undefined): string => (text ? `\`${text}\`` : '–');

const exampleLines = read('.env.example').split('\n');
const documented = read('docs/configuration.md')
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .filter(({ length, 1: name }) => length === 6 && /^`[A-Z][A-Z_]+`$/.test(name ?? ''))
  .map(([, name, unit, defaultValue, description]) => ({ name, unit, defaultValue, description }));

describe('environment schema', () => {
  it.each(variables)('%s is one sentence with a default that parses', (_name, variable) => {
    expect(variable.description).toMatch(/^[A-Z`].*\.$/);
    expect(variable.description).not.toContain('|');
    expect(variable.default === undefined || variable.parse.safeParse(variable.default).success).toBe(true);
  });

  it.each(variables)('%s stands in .env.example with its description, unit and default', (name, variable) => {
    const index = exampleLines.findIndex((line) => line.startsWith(`${name}=`));
    const unit = variable.unit ? ` (${variable.unit})` : '';
    expect(exampleLines[index]).toBe(`${name}=${variable.default ?? ''}`);
    expect(exampleLines[index - 1]).toBe(`# ${variable.description.replaceAll('`', '')}${unit}`);
  });

  it('.env.example holds nothing else', () => {
    const names = exampleLines.flatMap((line) => /^([A-Z_]+)=/.exec(line)?.[1] ?? []);
    expect(names).toEqual(Object.keys(ENV));
  });

  it('docs/configuration.md holds exactly the same, in the same order', () => {
    expect(documented).toEqual(
      variables.map(([name, variable]) => ({
        name: `\`${name}\``,
        unit: variable.unit ?? '–',
        defaultValue: shown(variable.default),
        description: variable.description,
      })),
    );
  });
});
