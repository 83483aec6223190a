/** Signs the tokens of a run, which never leaves this machine. */
export const BENCH_SECRET = 'for-a-bench-on-the-loopback-only-5a0c4f7e9b1d4c36';
