import { Gauge, type Registry } from 'prom-client';

export interface ReadingsOptions<Label extends string> {
  name: string;
  help: string;
  label: Label;
  registry: Registry;
}

/** A gauge with one label whose values are asked for when `/metrics` is, and never in between. */
export class Readings<Label extends string, Value extends string> {
  private readonly sources = new Map<Value, () => number>();

  constructor({ name, help, label, registry }: ReadingsOptions<Label>) {
    const { sources } = this;
    const gauge = new Gauge<string>({
      name,
      help,
      labelNames: [label],
      registers: [],
      collect() {
        for (const [value, read] of sources) this.set({ [label]: value }, read());
      },
    });
    registry.registerMetric(gauge);
  }

  add(value: Value, read: () => number): void {
    this.sources.set(value, read);
  }
}
