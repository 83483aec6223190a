import type { Bench } from '../lib/bench.js';
import type { Child } from '../lib/child.js';
import type { ChatTotals } from '../generators/chat-client.js';

/** The same numbers on both sides: nothing acknowledged is missing, nothing came twice. */
export async function checkCounts(bench: Bench, generator: Child, name: string): Promise<void> {
  const totals = await generator.call<ChatTotals>('stop');
  const { sent, acknowledged, delivered, errors } = totals;
  bench.check(acknowledged > 0, `${name}: nothing was acknowledged`);
  const counts = `${sent} sent, ${acknowledged} acknowledged, ${delivered} delivered, ${errors} errors`;
  bench.check(acknowledged === sent && delivered === acknowledged, `${name}: ${counts}`);
}
