const MIN_SECRET_BYTES = 32;
const MIN_DISTINCT_CHARACTERS = 8;

/** Sample keys that people copy from documentation and from the defaults of other servers. */
const PUBLISHED_SECRETS: ReadonlySet<string> = new Set([
  'a-string-secret-at-least-256-bits-long',
  'a-valid-string-secret-that-is-at-least-512-bits-long-which-is-very-long',
  'your-256-bit-secret',
  'your-384-bit-secret',
  'your-512-bit-secret',
  'T713/rYYgW7g4m3vG6zGRh7+FM1t0T8j13koXScOAj4=',
  'wfaY2RgF2S1OQI/ZlK+LSrp1KB2jwAdGAIHQ7JZn+Kc=',
  'secret_wukongim',
  'openIM123',
  'keyboard cat',
]);
/** What says of itself that something else belongs in its place; a word that a real key may hold too is none. */
const SAMPLE_WORDING =
  /change[-_ ]?(me|this|it)|(your|my|super|default)[-_ ]?(jwt|very|own|super|long|top)?[-_ ]?secret|replace[-_ ]?(me|this)|placeholder/i;

/** Why this secret must not guard anything, in words that do not repeat it; undefined: nothing known against it. */
export function secretWeakness(
  secret: string,
  { allowWeak, production }: { allowWeak: boolean; production: boolean },
): string | undefined {
  // Whoever knows a public key could sign with it, so a PEM is never accepted as a secret.
  if (secret.includes('-----BEGIN')) return 'is a PEM key; use JWT_PUBLIC_KEY';
  if (allowWeak) return undefined;
  if (Buffer.byteLength(secret) < MIN_SECRET_BYTES) return `must have at least ${MIN_SECRET_BYTES} bytes`;
  if (PUBLISHED_SECRETS.has(secret) || (production && SAMPLE_WORDING.test(secret)))
    return 'is a known sample value; make a random one';
  return new Set(secret).size < MIN_DISTINCT_CHARACTERS ? 'repeats itself; make a random one' : undefined;
}
