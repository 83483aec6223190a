const ZERO = '0'.charCodeAt(0);

/** How many digits begin at a place. */
export function digitsAt(data: Buffer, at: number): number {
  let end = at;
  while ((data[end] ?? 0) >= ZERO && (data[end] ?? 0) <= ZERO + 9) end++;
  return end - at;
}

/** The number whose digits begin at a place. */
export function numberAt(data: Buffer, at: number): number {
  let value = 0;
  for (let i = at; ; i++) {
    const digit = (data[i] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) return value;
    value = value * 10 + digit;
  }
}
