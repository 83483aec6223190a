import { ErrorCode } from '@rookery/protocol';
import { isAdmin, type Principal } from '../auth/index.js';
import { AppError } from '../common/index.js';

/** Whose contacts a REST call is about: the caller's own, or, for an administrator, anybody's. Else `forbidden`. */
export function ownerOf(caller: Principal, { user = caller.userId }: { user?: string }): string {
  if (user !== caller.userId && !isAdmin(caller)) throw new AppError(ErrorCode.Forbidden);
  return user;
}
