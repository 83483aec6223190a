// What a back-end team writes first: two people talk. Arguments: the address of the server, and their tokens.
import { RookeryClient, type ChatMessage, type SendReceipt } from '@rookery/client';
import { WebSocket } from 'ws';

const [, , url = '', ...tokens] = process.argv;
const [amy, ben] = tokens.map((token) => new RookeryClient(url, { token, webSocket: WebSocket }));
if (!amy || !ben) throw new Error('Usage: chat <url> <token of amy> <token of ben>');

const arrival = new Promise<ChatMessage>((resolve) => ben.once('message', resolve));
ben.connect();
amy.connect();
const receipt: SendReceipt = await amy.send({ to: 'ben' }, { kind: 'text', content: 'Hello from Node' });
console.log(JSON.stringify({ receipt, message: await arrival }));
amy.disconnect();
ben.disconnect();
