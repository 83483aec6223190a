import { type Spread, spreadOf } from './stats.js';

/** One figure of a sample; `compare` puts it into the table of ratios. */
export interface Column {
  key: string;
  title: string;
  digits?: number;
  compare?: boolean;
}

export type Sample = Record<string, number>;

/** What an operation costs under load. */
export const LOAD_COLUMNS: readonly Column[] = [
  { key: 'rate', title: 'per second', digits: 0, compare: true },
  { key: 'cpu', title: 'CPU µs/op', digits: 2, compare: true },
  { key: 'p50', title: 'p50 ms', digits: 2 },
  { key: 'p99', title: 'p99 ms', digits: 2 },
  { key: 'busy', title: 'server CPU %', digits: 0 },
  { key: 'generator', title: 'generator CPU %', digits: 0 },
];

/** Samples of several contenders over several rounds, and what they are against one another. */
export class Table {
  private readonly samples = new Map<string, Map<number, Sample>>();

  constructor(
    readonly title: string,
    readonly columns: readonly Column[],
    /** Contenders whose name begins so are set against all others. */
    private readonly subject = 'Rookery',
  ) {}

  add(contender: string, round: number, sample: Sample): void {
    const rounds = this.samples.get(contender) ?? new Map<number, Sample>();
    this.samples.set(contender, rounds.set(round, sample));
  }

  /** Of the one over the other. */
  ratio(column: string, contender: string, yardstick: string): Spread {
    return this.compared(column, contender, yardstick, (mine, theirs) => mine / theirs);
  }

  /** Of one figure against another, formed within each round: whatever disturbed the machine disturbed both. */
  compared(
    column: string,
    contender: string,
    yardstick: string,
    compare: (mine: number, theirs: number) => number,
  ): Spread {
    const theirs = this.samples.get(yardstick);
    const values = [...(this.samples.get(contender) ?? [])].map(([round, sample]) =>
      compare(sample[column] ?? NaN, theirs?.get(round)?.[column] ?? NaN),
    );
    return spreadOf(values);
  }

  value(column: string, contender: string): Spread {
    const rounds = this.samples.get(contender);
    return spreadOf([...(rounds?.values() ?? [])].map((sample) => sample[column] ?? NaN));
  }

  get isEmpty(): boolean {
    return this.samples.size === 0;
  }

  /** Head and body of the figures: medians. */
  figures(): string[][] {
    const columns = this.columns.filter(({ key }) => this.contenders.some((name) => this.isThere(key, name)));
    const rows = this.contenders.map((name) => [
      name,
      ...columns.map(({ key, digits }) => shown(this.value(key, name).median, digits)),
    ]);
    return [['', ...columns.map(({ title }) => title)], ...rows];
  }

  /** Head and body of the ratios: median and range; empty when there is nothing to compare with. */
  ratios(): string[][] {
    const columns = this.columns.filter(({ compare }) => compare);
    const subjects = this.contenders.filter((name) => name.startsWith(this.subject));
    const yardsticks = this.contenders.filter((name) => !name.startsWith(this.subject));
    const rows = subjects.flatMap((subject) =>
      yardsticks
        .filter((yardstick) => comparable(subject, yardstick))
        .map((yardstick) => [
          `${subject} / ${yardstick}`,
          ...columns.map(({ key }) => shownSpread(this.ratio(key, subject, yardstick))),
        ]),
    );
    return rows.length === 0 ? [] : [['', ...columns.map(({ title }) => title)], ...rows];
  }

  toJSON(): unknown {
    const contenders = [...this.samples].map(([name, rounds]) => ({ name, rounds: [...rounds.values()] }));
    return { title: this.title, contenders };
  }

  private get contenders(): string[] {
    return [...this.samples.keys()];
  }

  private isThere(column: string, contender: string): boolean {
    return !Number.isNaN(this.value(column, contender).median);
  }
}

/** Names may end in `, <store>`: what is on another store is no yardstick. */
function comparable(subject: string, yardstick: string): boolean {
  const storeOf = (name: string): string | undefined => / (SQLite|MariaDB)\b/.exec(name)?.[1];
  const store = storeOf(yardstick);
  return store === undefined || storeOf(subject) === undefined || store === storeOf(subject);
}

export function shown(value: number, digits = 2): string {
  if (Number.isNaN(value)) return '–';
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

export function shownSpread({ median, min, max }: Spread): string {
  return Number.isNaN(median) ? '–' : `${shown(median)} (${shown(min)}–${shown(max)})`;
}
