import type { Readable } from 'node:stream';

/** Bytes `first` to `last`, both inclusive, from 0. */
export interface ByteRange {
  first: number;
  last: number;
}

/**
 * Port: where the bytes of attachments lie. What is known about them is in the database; a key is 1 to 64 letters,
 * digits and `-`, made by us. Duties of every driver (test/contracts/attachment-store.contract.ts):
 *
 * - `put` resolves when the whole file is stored and would survive a power failure as well as the driver's medium does;
 *   until then, and after a failure, `open` finds nothing or the whole file, never a part. It may take the file at `path`
 *   away. Putting the same key again overwrites.
 * - `open` gives the bytes of the range, all of them without one; undefined when there is no such key.
 * - `delete` of an absent key is no error.
 * - A medium that cannot be reached rejects with AppError `unavailable`.
 */
export abstract class AttachmentStore {
  /** Stores the file at `path`, which has `size` bytes and the given SHA-256 in hex. */
  abstract put(key: string, path: string, facts: { size: number; sha256: string }): Promise<void>;
  abstract open(key: string, range?: ByteRange): Promise<Readable | undefined>;
  abstract delete(key: string): Promise<void>;
  /** Rejects when the store cannot be used, so that the boot fails and says why. */
  abstract check(): Promise<void>;
}
