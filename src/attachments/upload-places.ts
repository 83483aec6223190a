import { ErrorCode } from '@rookery/protocol';
import { AppError } from '../common/index.js';

/** Of all places, what one user may hold: a tenth, and never less than two. */
const SHARE = 10;
const LEAST = 2;

/** Seconds after which it is worth trying again. */
const RETRY_AFTER = 5;

interface Uploader {
  uploads: number;
  last: Promise<unknown>;
}

/** Who may upload at the moment, so that slow uploads of one user do not keep all others out. */
export class UploadPlaces {
  private readonly uploaders = new Map<string, Uploader>();
  private taken = 0;
  private readonly share: number;

  constructor(private readonly places: number) {
    this.share = Math.min(places, Math.max(LEAST, Math.ceil(places / SHARE)));
  }

  /** Runs an upload of a user's. Rejects with AppError `overloaded` or, when they are all his own, `rate_limited`. */
  async take<Result>(user: string, upload: () => Promise<Result>): Promise<Result> {
    if (this.taken >= this.places) throw new AppError(ErrorCode.Overloaded, { retryAfter: RETRY_AFTER });
    const uploader = this.uploaders.get(user) ?? { uploads: 0, last: Promise.resolve() };
    if (uploader.uploads >= this.share)
      throw new AppError(ErrorCode.RateLimited, {
        message: `At most ${this.share} uploads at the same time`,
        retryAfter: RETRY_AFTER,
      });
    this.uploaders.set(user, uploader);
    this.taken++;
    uploader.uploads++;
    try {
      return await upload();
    } finally {
      this.taken--;
      if (--uploader.uploads === 0) this.uploaders.delete(user);
    }
  }

  /** For a user who holds a place: what is done so is done one after another. */
  inTurn<Result>(user: string, work: () => Promise<Result>): Promise<Result> {
    const uploader = this.uploaders.get(user);
    if (!uploader) return work();
    const turn = uploader.last.then(work);
    uploader.last = turn.catch(() => undefined);
    return turn;
  }
}
