import type { LogLine } from './client-log.js';
import { checkLog, type Owed, type Truth } from './log-checker.js';

type EventLine = Extract<LogLine, { kind: 'event' }>;
type AckLine = Extract<LogLine, { kind: 'ack' }>;

const isEvent = (line: LogLine): line is EventLine => line.kind === 'event';
const isAck = (line: LogLine): line is AckLine => line.kind === 'ack';

/** A line in the middle, so that there is something before and after it. */
function middle(lines: readonly LogLine[], fits: (line: LogLine) => boolean): number {
  const found = lines.flatMap((line, index) => (fits(line) ? [index] : []));
  return found[Math.floor(found.length / 2)] ?? -1;
}

/** Each spoils a sound log in one place. */
const SPOILERS: Readonly<Record<string, (lines: LogLine[]) => void>> = {
  'an event dropped': (lines) => lines.splice(middle(lines, isEvent), 1),
  'the last event dropped': (lines) => lines.splice(lines.findLastIndex(isEvent), 1),
  'an event doubled': (lines) => {
    const at = middle(lines, isEvent);
    lines.splice(at, 0, lines[at] as LogLine);
  },
  'two events swapped': (lines) => {
    const at = middle(lines, isEvent);
    const { conversation } = lines[at] as EventLine;
    const next = lines.findIndex(
      (line, index) => index > at && isEvent(line) && line.conversation === conversation,
    );
    [lines[at], lines[next]] = [lines[next] as LogLine, lines[at] as LogLine];
  },
  'a content changed': (lines) => {
    const at = middle(lines, isEvent);
    lines[at] = { ...(lines[at] as EventLine), digest: '0'.repeat(16) };
  },
  'a message sent that nobody stored': (lines) =>
    lines.push({ kind: 'sent', sender: 'nobody', clientId: 'never stored', digest: '' }),
  'an acknowledged place changed': (lines) => {
    const at = middle(lines, isAck);
    const ack = lines[at] as AckLine;
    lines[at] = { ...ack, seq: ack.seq + 1, id: `${ack.conversation}#${ack.seq + 1}` };
  },
};

/** A checker that finds nothing wrong with a spoiled log is no evidence: the names of what it did not notice. */
export function unnoticed(lines: readonly LogLine[], truth: Truth, owed: Owed): string[] {
  return Object.entries(SPOILERS)
    .filter(([, spoil]) => {
      const copy = [...lines];
      spoil(copy);
      return checkLog(copy, truth, owed).faults.length === 0;
    })
    .map(([name]) => name);
}

export const CONTROLS = Object.keys(SPOILERS).length;
