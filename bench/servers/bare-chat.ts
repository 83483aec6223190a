import { type WebSocket, WebSocketServer } from 'ws';
import { openJournal } from './journal/open-journal.js';
import type { Row } from './journal/journal.js';
import { listening } from './listening.js';

/**
 * ws with a group commit, written by hand for this one purpose: no token, no schema, no limits, no retries, no catching
 * up. What has arrived while the last commit ran is the next batch; acknowledged and delivered after it.
 */
interface Send {
  id: number;
  data: { to: string; kind: string; content: string; clientId: string };
}

interface Waiting {
  sender: WebSocket;
  id: number;
  to: string;
  message: { kind: string; content: string };
  row: Row;
}

const journal = await openJournal();
const users = new Map<string, WebSocket>();
let waiting: Waiting[] = [];
let busy = false;

function take(sender: WebSocket, user: string, text: string): void {
  const { id, data } = JSON.parse(text) as Send;
  const { to, kind, content, clientId } = data;
  const conversation = user < to ? `dm:${user}:${to}` : `dm:${to}:${user}`;
  const message = { kind, content };
  const row: Row = {
    conversation,
    sender: user,
    clientId,
    body: JSON.stringify(message),
    time: Date.now(),
    seq: 0,
  };
  waiting.push({ sender, id, to, message, row });
  if (busy) return;
  busy = true;
  setImmediate(() => void commit());
}

async function commit(): Promise<void> {
  while (waiting.length > 0) {
    const batch = waiting;
    waiting = [];
    const committed = journal.commit(batch.map(({ row }) => row));
    if (committed) await committed;
    for (const each of batch) tell(each);
    // A commit that blocked has let nobody read: the next batch is what arrives in the next turn.
    if (!committed) break;
  }
  busy = false;
}

function tell({ sender, id, to, message, row }: Waiting): void {
  const { conversation, seq, time, clientId } = row;
  const stored = { conversation, seq, id: `${conversation}#${seq}`, time };
  sender.send(JSON.stringify({ type: 'ok', id, data: { ...stored, duplicate: false } }));
  const data = { ...stored, from: row.sender, to, ...message, clientId };
  users.get(to)?.send(JSON.stringify({ type: 'chat.message', data }));
}

const sockets = new WebSocketServer({ noServer: true });
const server = await listening();
server.on('upgrade', (request, stream, head) => {
  sockets.handleUpgrade(request, stream, head, (socket) => {
    const user = String(request.headers['x-user']);
    users.set(user, socket);
    socket.on('message', (payload: Buffer) => take(socket, user, payload.toString()));
    socket.send('{"type":"chat.synced","data":{"messages":0}}');
  });
});
