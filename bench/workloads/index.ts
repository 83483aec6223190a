import type { Workload } from '../lib/bench.js';
import { durableSend } from './durable-send.js';

export const WORKLOADS: readonly Workload[] = [durableSend];
