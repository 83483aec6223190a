// What a front-end team writes first. The fragment of the address says `url`, `token`, `to` and `say`.
import { RookeryClient, webStorage, type ChatMessage, type State } from '@rookery/client';

const options = new URLSearchParams(location.hash.slice(1));
const option = (name: string): string => options.get(name) ?? '';
const at = (id: string): HTMLElement => document.getElementById(id) ?? document.body;

const client = new RookeryClient(option('url'), {
  token: async () => option('token'),
  device: 'vite-page',
  storage: webStorage(),
});
client.on('stateChange', ({ state }: { state: State }) => (at('state').textContent = state));
client.on('message', ({ from, content }: ChatMessage) => {
  const line = document.createElement('li');
  line.textContent = `${from}: ${String(content)}`;
  at('messages').append(line);
});
client.connect();
void client.send({ to: option('to') }, { kind: 'text', content: option('say') });
