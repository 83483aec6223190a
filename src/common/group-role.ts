/** What the `role` of a relation to a group says of a member: whether he is its owner or one of its admins. */
export function isModerator(relation: { left: number | null; role: string | null } | undefined): boolean {
  return relation?.left === null && (relation.role === 'owner' || relation.role === 'admin');
}
