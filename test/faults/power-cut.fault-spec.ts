import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { faultsOf, judge, summary, type Verdict } from '../support/checker.js';
import { databaseHistory } from '../support/history.js';
import { Load } from '../support/load.js';
import { LoopDisk } from '../support/loop-disk.js';
import { TestServer } from '../support/server.js';

const CUTS = Number(process.env.FAULT_CUTS ?? (process.env.CI ? 10 : 3));
/** More than one, for another process may just have had everything flushed. */
const CONTROL_CUTS = 2;
/** Acknowledgements before a cut: at least, and at random that many more. */
const PER_CUT = 300;
const SPREAD = 200;
const SENDERS = { a: ['b', 'c'], b: ['a'], c: ['a', 'b'], d: ['a', 'b'] };
const ENV = { LOG_LEVEL: 'error' };

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const databaseOn = (path: string): string => `sqlite:${join(path, 'rookery.db')}`;

async function start(databaseUrl: string, entry?: string): Promise<TestServer> {
  const server = await TestServer.start({ databaseUrl, entry, env: ENV });
  cleanUps.push(() => server.stop());
  return server;
}

/** Stops the server where it is, and looks at what the disk has of what it acknowledged. */
async function cutUnderLoad(entry?: string): Promise<Verdict> {
  const disk = (await LoopDisk.create()) as LoopDisk;
  cleanUps.push(() => disk.dispose());
  const server = await start(databaseOn(disk.path), entry);
  const load = new Load(server, { senders: SENDERS });
  cleanUps.push(() => load.abandon());
  await load.acknowledged.until(PER_CUT + Math.floor(Math.random() * SPREAD));
  process.kill(server.pid, 'SIGSTOP');
  const left = databaseOn(await disk.cut());
  await start(left);
  return judge(load.sent, await databaseHistory(left));
}

const probe = await LoopDisk.create();
await probe?.dispose();
if (!probe) console.warn('NOT RUN: power cuts (this machine does not let us mount a file)');

describe.skipIf(!probe)('a power cut under load on SQLite', () => {
  it.each(Array.from({ length: CUTS }, (_, index) => index + 1))(
    'leaves everything that was acknowledged: cut %i',
    async (cut) => {
      const verdict = await cutUnderLoad();
      console.log(`power cut ${cut} of ${CUTS}, SQLite: ${summary(verdict)}`);
      expect(faultsOf(verdict)).toEqual({});
    },
  );

  it('would be caught if a commit did not wait for the disk', async () => {
    const verdicts: Verdict[] = [];
    for (let cut = 0; cut < CONTROL_CUTS; cut++)
      verdicts.push(await cutUnderLoad('test/faults/lossy.server.mjs'));
    for (const verdict of verdicts) console.log(`control, synchronous=NORMAL: cuts 1, ${summary(verdict)}`);
    expect(verdicts.flatMap(({ lost }) => lost)).not.toEqual([]);
  });
});
