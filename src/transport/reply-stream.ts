import {
  combineLatest,
  concatMap,
  from,
  lastValueFrom,
  merge,
  ReplaySubject,
  takeUntil,
  tap,
  type Observable,
} from 'rxjs';
import { ErrorCode } from '@rookery/protocol';
import { AppError } from '../common/index.js';
import { settled } from './settled-replies.js';

/** Emissions that may wait for a socket with no room; an Observable that emits on regardless is ended. */
const MAX_WAITING = 1000;

/** The Observables that handlers return: followed no further than their connection lives, no faster than it reads. */
export class ReplyStreams {
  private readonly gone = new ReplaySubject<void>(1);
  private readonly finishing = new ReplaySubject<void>(1);

  /** `room` is undefined while replies can be written, otherwise it resolves when they can again. */
  constructor(private readonly room: () => Promise<void> | undefined) {}

  /** Resolves when it completes or is ended; rejects with its error, or `overloaded` when too much waits. */
  follow(source: Observable<unknown>, reply: (value: unknown) => void): Promise<unknown> {
    const replied = new ReplaySubject<void>(1);
    let waiting = 0;
    const replies = source.pipe(
      tap(() => {
        if (++waiting > MAX_WAITING) throw new AppError(ErrorCode.Overloaded);
      }),
      concatMap((value) => this.whenRoom(value)),
      takeUntil(this.gone),
      tap((value) => {
        waiting--;
        reply(value);
        replied.next();
      }),
      takeUntil(merge(this.gone, combineLatest([this.finishing, replied]))),
    );
    return lastValueFrom(replies, { defaultValue: undefined });
  }

  /** Ends what has answered at least once; what has not may be a command in hand and gets to its first answer. */
  finish(): void {
    this.finishing.next();
  }

  /** Ends everything: nobody is there to be answered. */
  stop(): void {
    this.gone.next();
  }

  private whenRoom(value: unknown): Observable<unknown> {
    const room = this.room();
    return room ? from(room).pipe(concatMap(() => settled(value))) : settled(value);
  }
}
