import { describe, expect, it } from 'vitest';
import {
  faultsOf,
  judge,
  type Acknowledgement,
  type SentMessage,
  type StoredMessage,
} from '../support/checker.js';
import { deliveryFaults, undelivered } from '../support/delivery-checker.js';

const conversation = 'dm:a:b';

const ack = (seq: number, changes: Partial<Acknowledgement> = {}): Acknowledgement => ({
  conversation,
  seq,
  id: `${conversation}#${seq}`,
  duplicate: false,
  connection: 'a/1',
  attempt: seq,
  arrival: 100 + seq,
  ...changes,
});
const sent = (counter: number, changes: Partial<SentMessage> = {}): SentMessage => ({
  sender: 'a',
  conversation,
  clientId: `c${counter}`,
  content: `m${counter}`,
  acknowledgements: [ack(counter)],
  refusals: [],
  ...changes,
});
const stored = (seq: number, changes: Partial<StoredMessage> = {}): StoredMessage => ({
  conversation,
  seq,
  sender: 'a',
  clientId: `c${seq}`,
  content: `m${seq}`,
  ...changes,
});
const refusal = (retryable: boolean) => ({ code: 'unavailable' as const, message: '', retryable });

describe('the checker of what was sent', () => {
  it('is content with what was acknowledged and is there', () => {
    const verdict = judge([sent(1), sent(2)], [stored(1), stored(2)]);
    expect(faultsOf(verdict)).toEqual({});
    expect(verdict).toMatchObject({ ok: ['m1', 'm2'], unknown: [] });
  });

  it.each([
    ['is absent', [stored(1)]],
    [
      'is at another place',
      [stored(1), stored(2, { content: 'x', clientId: 'x' }), stored(3, { content: 'm2' })],
    ],
    ['has other content', [stored(1), stored(2, { content: 'cut' })]],
    ['has another sender', [stored(1), stored(2, { sender: 'b' })]],
    ['has another client id', [stored(1), stored(2, { clientId: 'c9' })]],
  ])('calls lost what was acknowledged and %s', (_, database) => {
    expect(judge([sent(1), sent(2)], database).lost).toEqual(['m2']);
  });

  it('calls lost what was acknowledged under an id of something else', () => {
    const wrong = sent(1, { acknowledgements: [ack(1, { id: 'dm:a:b#7' })] });
    expect(judge([wrong], [stored(1)]).lost).toEqual(['m1']);
  });

  it('calls unknown what was never answered, stored or not', () => {
    const silent = [
      sent(1, { acknowledgements: [] }),
      sent(2, { acknowledgements: [], refusals: [refusal(true)] }),
    ];
    const verdict = judge(silent, [stored(1)]);
    expect(verdict.unknown).toEqual(['m1', 'm2']);
    expect(faultsOf(verdict)).toEqual({});
  });

  it('calls duplicate what is stored twice', () => {
    expect(judge([sent(1)], [stored(1), stored(2, { content: 'm1' })]).duplicate).toEqual(['m1']);
  });

  it('calls duplicate what was acknowledged at two places, or as new twice', () => {
    const twoPlaces = sent(1, { acknowledgements: [ack(1), ack(2, { duplicate: true })] });
    const twiceNew = sent(3, { acknowledgements: [ack(3), ack(3)] });
    expect(judge([twoPlaces, twiceNew], [stored(1)]).duplicate).toEqual(['m1', 'm3']);
  });

  it('allows a repeated answer at the same place', () => {
    const repeated = sent(1, { acknowledgements: [ack(1), ack(1, { duplicate: true, arrival: 900 })] });
    expect(faultsOf(judge([repeated], [stored(1)]))).toEqual({});
  });

  it('calls reordered what was answered, or stored, against the order of sending', () => {
    const late = [sent(1, { acknowledgements: [ack(1, { arrival: 999 })] }), sent(2)];
    expect(judge(late, [stored(1), stored(2)]).reordered).toEqual(['dm:a:b#1']);
    const swapped = [
      sent(1, { acknowledgements: [ack(2, { attempt: 1, arrival: 12 })] }),
      sent(2, { acknowledgements: [ack(1, { attempt: 2, arrival: 11 })] }),
    ];
    expect(judge(swapped, []).reordered).toEqual(['dm:a:b#1']);
  });

  it('calls phantom what nobody sent, or sent elsewhere, or was refused for good', () => {
    const refused = sent(3, { acknowledgements: [], refusals: [refusal(false)] });
    const database = [stored(1, { content: 'ghost' }), stored(2, { conversation: 'dm:a:c' }), stored(3)];
    expect(judge([sent(2), refused], database).phantom).toEqual(['dm:a:b#1', 'dm:a:c#2', 'dm:a:b#3']);
  });

  it.each([
    ['does not begin at 1', [2, 3], 'dm:a:b wants 1, has 2'],
    ['has a hole', [1, 2, 4], 'dm:a:b wants 3, has 4'],
    ['has a number twice', [1, 2, 2], 'dm:a:b wants 3, has 2'],
  ])('names a sequence that %s', (_, seqs, fault) => {
    expect(
      judge(
        [],
        seqs.map((seq) => stored(seq)),
      ).holes,
    ).toEqual([fault]);
  });
});

describe('the checker of what was delivered', () => {
  const database = [1, 2, 3, 4].map((seq) => stored(seq));

  it('is content with an unbroken run, wherever it begins', () => {
    expect(deliveryFaults([stored(2), stored(3), stored(4)], database)).toEqual([]);
  });

  it.each([
    ['a hole', [stored(1), stored(3)], 'hole before dm:a:b#3'],
    ['a double', [stored(1), stored(1)], 'doubled dm:a:b#1'],
    ['the wrong order', [stored(2), stored(1)], 'reordered dm:a:b#1'],
    ['what is not stored', [stored(5)], 'phantom dm:a:b#5'],
    ['what is stored otherwise', [stored(1, { content: 'x' })], 'phantom dm:a:b#1'],
  ])('finds %s', (_, session, fault) => {
    expect(deliveryFaults(session, database)).toContain(fault);
  });

  it('finds what never came', () => {
    expect(undelivered([[stored(1)], [stored(3)]], database)).toEqual(['dm:a:b#2', 'dm:a:b#4']);
  });
});
