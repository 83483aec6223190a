import { type Acceptance } from './acceptance.js';
import { Child } from './child.js';
import { Core } from './cores.js';
import { type Options } from './options.js';
import { compiled } from './paths.js';
import { type WorkloadReport } from './report.js';
import { type Store, type StoreKind, type Stores } from './store.js';
import { type Column, Table } from './table.js';

/** A running server with its store. */
export interface Target {
  port: number;
  /** Whose CPU is counted: the server, and the process of its store. The server is the first. */
  pids: number[];
  child: Child;
  stop(): Promise<void>;
}

/** Something that can be measured. */
export interface Contender {
  name: string;
  /** What it needs of the machine. */
  store?: StoreKind;
  start(bench: Bench, root?: string): Promise<Target>;
  /** It is this server, of which another build may be measured beside it: {@link Options.baseline}. */
  hasBaseline?: boolean;
}

/** A file of `workloads/`. */
export interface Workload {
  name: string;
  title: string;
  /** What one operation is, and what the contenders do. */
  about: string;
  /** It gives a verdict after a long time, so it runs when it is named, and in a smoke. */
  endurance?: boolean;
  /** The stores that a `--smoke` looks at; default: SQLite alone. */
  smokeStores?: readonly StoreKind[];
  run(bench: Bench): Promise<void>;
}

/** What a workload is given: it starts contenders and generators, and takes down what came out. */
export class Bench {
  readonly report: WorkloadReport;

  constructor(
    readonly options: Options,
    private readonly stores: Stores,
    private readonly workload: Workload,
    /** Tells how it goes. */
    readonly log: (text: string) => void,
  ) {
    const { name, title, about } = workload;
    this.report = { name, title, about, tables: [], acceptances: [], failures: [] };
  }

  /** The one size for everyday, the other for `--smoke`, and a third, if there is one, for `--full`. */
  size(usual: number, smoke: number, full = usual): number {
    if (this.options.smoke) return smoke;
    return this.options.full ? full : usual;
  }

  table(title: string, columns: readonly Column[]): Table {
    const table = new Table(title, columns);
    this.report.tables.push(table);
    return table;
  }

  /** Ratios of a glimpse mean nothing. */
  accept(acceptance: Acceptance): void {
    if (!this.options.smoke) this.report.acceptances.push(acceptance);
  }

  /** What must hold in every run, however short. */
  check(holds: boolean, otherwise: string): void {
    if (!holds) this.report.failures.push(otherwise);
  }

  makeStore(kind: StoreKind): Promise<Store> {
    return this.stores.make(kind);
  }

  /** A load generator on the other core, by its file in `generators/`. */
  async generator(name: string): Promise<Child> {
    const args = [compiled(`generators/${name}.js`)];
    return (await Child.start({ core: Core.Generator, args })).child;
  }

  /** Every contender once a round (A B C A B C), each on a fresh start and a fresh store. */
  async rounds<C extends Contender>(
    contenders: readonly C[],
    measure: (target: Target, contender: C, round: number) => Promise<void>,
  ): Promise<void> {
    const taking = contenders
      .filter((contender) => this.takes(contender))
      .flatMap((contender) => [...this.baselineOf(contender), contender]);
    for (let round = 1; round <= this.options.rounds; round++) {
      for (const contender of taking) {
        this.log(`${this.report.name}: round ${round}, ${contender.name}`);
        const target = await contender.start(this);
        try {
          await measure(target, contender, round);
        } finally {
          await target.stop();
        }
      }
    }
  }

  /** Starts a generator, and stops it whatever happens. */
  async withGenerator<T>(name: string, use: (generator: Child) => Promise<T>): Promise<T> {
    const generator = await this.generator(name);
    try {
      return await use(generator);
    } finally {
      await generator.stop();
    }
  }

  /** Whether a contender, or a part of a workload, of this name is to run. */
  isWanted(name: string): boolean {
    const { only } = this.options;
    return only.length === 0 || only.some((text) => name.includes(text));
  }

  /** Whether something of this name, which needs this store, is to run, and can. */
  takes({ name, store }: Pick<Contender, 'name' | 'store'>): boolean {
    if (!this.isWanted(name)) return false;
    const { smokeStores = ['sqlite'] } = this.workload;
    if (this.options.smoke && store !== undefined && !smokeStores.includes(store)) return false;
    const possible = store === undefined || this.stores.possible(store);
    if (!possible) this.log(`${this.report.name}: no ${store} on this machine, ${name} is left out`);
    return possible;
  }

  private baselineOf<C extends Contender>(contender: C): C[] {
    const { baseline } = this.options;
    if (baseline === undefined || !contender.hasBaseline) return [];
    const start = (bench: Bench): Promise<Target> => contender.start(bench, baseline);
    return [{ ...contender, name: `baseline of ${contender.name}`, start }];
  }
}
