/** Who a verified token speaks for. */
export interface Principal {
  userId: string;
  roles: readonly string[];
  name?: string;
  avatar?: string;
  /** Milliseconds since the epoch; undefined: the token does not say. */
  issuedAt?: number;
  /** Milliseconds since the epoch; undefined: the token has no expiry. */
  expiresAt?: number;
}

export const ADMIN_ROLE = 'admin';

export function isAdmin(principal: Principal): boolean {
  return principal.roles.includes(ADMIN_ROLE);
}
