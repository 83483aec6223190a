import { tokenFor } from './token.js';

/** Users that one call makes members. */
const ADDED_AT_ONCE = 1000;

export interface BenchGroup {
  id: string;
  owner: string;
  /** Who will be there. */
  users: readonly string[];
  /** How many more are members. */
  absent: number;
}

/** As a back-end builds a large group: the absent first, so that who comes has little to catch up with. */
export async function makeGroup(port: number, { id, owner, users, absent }: BenchGroup): Promise<void> {
  const post = async (path: string, body: object): Promise<void> => {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/groups${path}`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        Authorization: `Bearer ${tokenFor(owner, { role: 'admin' })}`,
      },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  };
  await post('', { id, name: 'Bench', visibility: 'private' });
  const members = [...Array.from({ length: absent }, (_, number) => `absent-${number}`), ...users];
  for (let first = 0; first < members.length; first += ADDED_AT_ONCE)
    await post(`/${id}/members`, { users: members.slice(first, first + ADDED_AT_ONCE) });
}
