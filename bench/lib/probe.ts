import { serve } from './rpc.js';

/**
 * Loaded into every server before its own code (`--import`), ours and the yardsticks alike: tells its memory after a
 * full collection.
 */
serve({
  memory: () => {
    const collect = globalThis.gc;
    if (!collect) throw new Error('Needs --expose-gc');
    for (let i = 0; i < 3; i++) void collect();
    return process.memoryUsage();
  },
});
