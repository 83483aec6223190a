/** What is known of a stored file. */
export interface Attachment {
  id: string;
  owner: string;
  /** As its sender called it; never a path. */
  name: string;
  /** Media type, as its first bytes say where they do. */
  mime: string;
  /** Bytes. */
  size: number;
  /** Hex. */
  sha256: string;
  /** Milliseconds since the epoch. */
  time: number;
}

/** What the smallest file costs: a row, a name in a folder, a block. */
export const LEAST_PENDING = 4096;

/** What a file of so many bytes counts while no message refers to it. */
export const pendingSize = (size: number): number => Math.max(size, LEAST_PENDING);

const PREFIX = '/api/v1/attachments/';

/** Where an attachment is found: what a message's `content.url` says. */
export function attachmentUrl(id: string): string {
  return PREFIX + id;
}

/** The id in such an address; undefined for any other. */
export function attachmentIn(url: string): string | undefined {
  if (!url.startsWith(PREFIX)) return undefined;
  const id = url.slice(PREFIX.length);
  return isAttachmentId(id) ? id : undefined;
}

export function isAttachmentId(id: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id);
}
