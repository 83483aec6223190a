import type { Connection } from './connection.js';

/** After the fact: a user has one connection more on this node. The client has not had its `hello` yet. */
export class ConnectionOpened {
  constructor(readonly connection: Connection) {}
}

/** After the fact: a connection has brought a newer token of its user; its roles may be others. */
export class ConnectionRenewed {
  constructor(readonly connection: Connection) {}
}

/** After the fact: a connection gets nothing any more, for whatever reason; the socket may still be closing. */
export class ConnectionClosed {
  constructor(readonly connection: Connection) {}
}

/** After the fact, on this node: who gets a group's entries has changed with an entry. */
export class MembershipChanged {
  constructor(
    readonly group: string,
    readonly joined: readonly string[],
    readonly left: readonly string[],
  ) {}
}
