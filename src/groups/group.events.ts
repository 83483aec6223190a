import type { GroupChange } from '@rookery/protocol';

/** After-commit: a group was changed by this node, for the first time. */
export class GroupChanged {
  constructor(readonly change: GroupChange) {}
}
