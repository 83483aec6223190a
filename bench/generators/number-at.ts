const ZERO = '0'.charCodeAt(0);

/** The number whose digits begin at a place. */
export function numberAt(data: Buffer, at: number): number {
  let value = 0;
  for (let i = at; ; i++) {
    const digit = (data[i] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) return value;
    value = value * 10 + digit;
  }
}
