export { BOUNDS, type BoundName } from './bounds.js';
export * from './metrics.js';
export * from './metrics.module.js';
export * from './http-metrics.js';
export type { Tally } from './tally-counter.js';
