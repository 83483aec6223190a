import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { DialectName } from './dialect-client.js';

export type Direction = 'in' | 'out';

const DOCUMENT = resolve(import.meta.dirname, '../../docs/dialects.md');
const HEADING = '## What each can express';

/** The table of docs/dialects.md: what clients of a dialect can say (`in`), and what they are shown (`out`). */
export class DialectTable {
  private readonly rows = new Map<string, Map<DialectName, readonly string[]>>();

  constructor() {
    const section = readFileSync(DOCUMENT, 'utf8').split(HEADING)[1]?.split('\n## ')[0] ?? '';
    const [head = [], , ...body] = section
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .map((line) =>
        line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      );
    for (const [name = '', ...cells] of body) {
      const row = cells.map(
        (cell, index) => [head[index + 1] as DialectName, cell === '–' ? [] : cell.split(', ')] as const,
      );
      this.rows.set(name, new Map(row));
    }
  }

  get names(): string[] {
    return [...this.rows.keys()];
  }

  /** The native protocol can say and show everything. */
  can(format: DialectName | 'native', direction: Direction, name: string): boolean {
    if (format === 'native') return true;
    const cell = this.rows.get(name)?.get(format);
    if (!cell) throw new Error(`docs/dialects.md has no row ${name} for ${format}`);
    return cell.includes(direction);
  }
}
