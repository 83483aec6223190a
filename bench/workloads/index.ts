import type { Workload } from '../lib/bench.js';
import { catchUp } from './catch-up.js';
import { connect } from './connect.js';
import { dialects } from './dialects.js';
import { durableSend } from './durable-send.js';
import { fanOut } from './fan-out.js';
import { fuzz } from './fuzz.js';
import { group } from './group.js';
import { idle } from './idle.js';
import { requestReply } from './request-reply.js';
import { restSend } from './rest-send.js';
import { soak } from './soak.js';
import { stoppedReaders } from './stopped-readers.js';

export const WORKLOADS: readonly Workload[] = [
  durableSend,
  dialects,
  fanOut,
  group,
  requestReply,
  restSend,
  connect,
  catchUp,
  idle,
  fuzz,
  soak,
  stoppedReaders,
];
