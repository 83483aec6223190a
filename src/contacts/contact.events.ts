/**
 * After-commit: what two users are to one another has changed, in either direction: they became contacts or ended it, or
 * one blocked the other or took that back. Published by whatever keeps the relations; presence tells both the truth then.
 */
export class RelationChanged {
  constructor(
    readonly user: string,
    readonly other: string,
  ) {}
}
