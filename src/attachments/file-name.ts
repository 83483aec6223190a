const MAX_LENGTH = 255;

/** A file name as it may be shown and saved: no folders, no control or bidirectional characters, not empty. */
export function plainName(given: string | undefined): string {
  const last = (given ?? '').normalize('NFC').toWellFormed().split(/[/\\]/).at(-1) ?? '';
  const name = last
    .replace(/[\p{Cc}\p{Cf}]/gu, '')
    .trim()
    .slice(0, MAX_LENGTH)
    .toWellFormed();
  return /^\.*$/.test(name) ? 'file' : name;
}

/** `Content-Disposition` by RFC 6266: the name in ASCII for old clients, and whole for all others. */
export function disposition(kind: 'inline' | 'attachment', name: string): string {
  const ascii = name.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const extended = encodeURIComponent(name).replace(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${kind}; filename="${ascii}"; filename*=UTF-8''${extended}`;
}
