import { type Acceptance, sentence } from './acceptance.js';
import { type Table } from './table.js';

export interface WorkloadReport {
  name: string;
  title: string;
  /** What one operation is, and what each contender does. */
  about: string;
  tables: Table[];
  acceptances: Acceptance[];
  failures: string[];
}

/** Columns of equal width, as Markdown that can also be read in a terminal. */
export function markdownTable([head = [], ...rows]: string[][]): string {
  const widths = head.map((_, column) =>
    Math.max(3, ...[head, ...rows].map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string => {
    const padded = cells.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
    );
    return `| ${padded.join(' | ')} |`;
  };
  const rule = widths.map((width, column) =>
    column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}

export function tableText(table: Table): string {
  const ratios = table.ratios();
  const parts = [`### ${table.title}`, markdownTable(table.figures())];
  if (ratios.length > 0)
    parts.push('Ratios, each formed within a round: median (least–greatest)', markdownTable(ratios));
  return parts.join('\n\n');
}

/** Lines of acceptance and whatever was not sane. */
export function verdictText({ acceptances, failures }: WorkloadReport): string {
  return [...acceptances.map(sentence), ...failures.map((text) => `BROKEN ${text}`)]
    .map((text) => `- ${text}`)
    .join('\n');
}

/** A smoke's figures mean nothing: only whether all was sane, in a line. */
export function smokeText({ name, failures }: WorkloadReport): string {
  return [
    `${name}: ${failures.length === 0 ? 'sane' : 'BROKEN'}`,
    ...failures.map((text) => `  ${text}`),
  ].join('\n');
}

export function workloadText(report: WorkloadReport): string {
  const tables = report.tables.filter((table) => !table.isEmpty).map(tableText);
  return [`## ${report.title}`, report.about, ...tables, verdictText(report)].join('\n\n').trimEnd();
}
