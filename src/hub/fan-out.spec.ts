import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Entry } from '../journal/index.js';
import { Metrics } from '../metrics/index.js';
import { Connection, type ConnectionOptions } from './connection.js';
import { FanOut } from './fan-out.js';
import { HubEvent } from './hub-event.js';

const BUDGET = 40;
const metrics = new Metrics();
const MEMBERS: Record<string, readonly string[]> = { red: ['a', 'b', 'c'], blue: ['b', 'c', 'd'] };

/** Connections of which nobody reads, and what was written to each. */
class World {
  readonly written: Record<string, string[]> = { a: [], b: [], c: [], d: [] };
  private readonly connections: Record<string, Connection> = {};
  private readonly fanOut = new FanOut({
    visit: (group, visitor) => MEMBERS[group]?.forEach((id) => visitor(this.at(id))),
    includes: ({ id }, group) => MEMBERS[group]?.includes(id) ?? false,
  });

  /** `eager`: every entry goes to everybody by itself. */
  constructor(private readonly eager: boolean) {
    for (const id of Object.keys(this.written)) this.connect(id);
  }

  do([what, id, group, fromSelf]: Step, number: number): void {
    const event = new HubEvent(what, `${what} ${number};`);
    if (what === 'told') this.fanOut.flush();
    if (what === 'reply') this.at(id).reply(event);
    if (what === 'ephemeral') this.at(id).sendEphemeral(event);
    if (what === 'direct') this.at(id).offer({ conversation: 'dm', seq: number } as Entry, event);
    if (what !== 'entry') return;
    this.fanOut.add({ conversation: group, seq: number } as Entry, event, fromSelf ? this.at(id) : undefined);
    if (this.eager) this.fanOut.flush();
  }

  private at(id: string): Connection {
    return this.connections[id] as Connection;
  }

  private connect(id: string): void {
    const written = this.written[id] as string[];
    const outlet = {
      open: true,
      get bufferedBytes() {
        return written.join('').length;
      },
      write: (bytes: Buffer) => void written.push(bytes.toString()),
      writeAll: (frames: Buffer[]) => void written.push(...frames.map(String)),
      awaitDrain: () => undefined,
    };
    const source = { background: () => new Promise(() => undefined) };
    this.connections[id] = new Connection({
      id,
      principal: { userId: id, roles: [] },
      sync: 'push',
      codec: { name: 'text', encode: ({ data }: { data: string }) => Buffer.from(data) },
      outlet,
      ip: '::1',
      common: { budget: BUDGET, source, fanOut: this.fanOut, metrics },
    } as unknown as ConnectionOptions);
  }
}

const steps = fc.array(
  fc.tuple(
    fc.constantFrom('entry', 'entry', 'entry', 'reply', 'ephemeral', 'direct', 'told'),
    fc.constantFrom('a', 'b', 'c', 'd'),
    fc.constantFrom('red', 'blue'),
    fc.boolean(),
  ),
  { maxLength: 20 },
);
type Step = typeof steps extends fc.Arbitrary<(infer S)[]> ? S : never;

describe(FanOut.name, () => {
  it('writes to every connection what it would get entry by entry, in the same order', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const [eager, lazy] = [new World(true), new World(false)];
        const complete: Step[] = [...all, ['told', 'a', 'red', false]];
        for (const world of [eager, lazy]) complete.forEach((step, number) => world.do(step, number));
        expect(lazy.written).toEqual(eager.written);
      }),
      { numRuns: 2000 },
    );
  });
});
