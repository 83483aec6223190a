import type { Workload } from '../lib/bench.js';
import { durableSend } from './durable-send.js';
import { fanOut } from './fan-out.js';
import { soak } from './soak.js';

export const WORKLOADS: readonly Workload[] = [durableSend, fanOut, soak];
