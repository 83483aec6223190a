/**
 * The one of these languages that comes closest to the wanted one, by the lookup of RFC 4647: `zh-hant-tw`, then
 * `zh-hant`, then `zh`. Tags are in lower case. Undefined: none does.
 */
export function closestLocale(
  available: Readonly<Record<string, unknown>>,
  wanted: string,
): string | undefined {
  for (let tag = wanted; tag !== ''; tag = shorter(tag)) if (Object.hasOwn(available, tag)) return tag;
  return undefined;
}

/** Without its last part, and without a single letter that would stand at the end then. */
function shorter(tag: string): string {
  const cut = tag.slice(0, Math.max(0, tag.lastIndexOf('-')));
  return cut.at(-2) === '-' ? cut.slice(0, -2) : cut;
}
