const SECONDS_PER_UNIT: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };
const MAX_SECONDS = 10 * 365 * 86_400;

/** Seconds of `90s`, `15m`, `1h` or `7d`; undefined: not such a duration, or longer than ten years. */
export function parseDuration(text: string): number | undefined {
  const [, count, unit = ''] = /^(\d+)([smhd])$/.exec(text) ?? [];
  const seconds = Number(count) * (SECONDS_PER_UNIT[unit] ?? NaN);
  return seconds > 0 && seconds <= MAX_SECONDS ? seconds : undefined;
}
