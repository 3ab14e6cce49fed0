import { BusError, type BusErrorCode } from '@entente/bus';
import { wire } from '@entente/contract';
import { expect, test } from 'vitest';
import { chooseLane, type Lane, sendBy } from './choose-lane.js';

const content = (urgency: string) =>
  wire.header.decode(wire.header.encode({ kind: wire.Kind.KIND_REFERRAL, facts: { urgency } }));
const EVIDENCE = wire.header.decode(wire.header.encode({ kind: wire.Kind.KIND_EVIDENCE }));

test.each<[string, wire.HeaderFrame, number, boolean, Lane]>([
  ['an emergency', content('emergency'), 0, true, 'ahead'],
  ['an emergency that came the ordinary way', content('emergency'), 2999, false, 'ahead'],
  ['an emergency that comes again', content('emergency'), 3000, true, 'both'],
  ['an emergency that comes again the ordinary way', content('emergency'), 3000, false, 'ordinary'],
  ['what is urgent', content('urgent'), 0, false, 'ordinary'],
  ['evidence that came ahead', EVIDENCE, 3000, true, 'ahead'],
  ['other evidence', EVIDENCE, 0, false, 'ordinary'],
])('%s takes its lane', (_what, header, ageMs, isAhead, lane) => {
  const nowMs = 1_800_000_000_000;
  expect(chooseLane({ now: () => nowMs }, header, nowMs - ageMs, isAhead)).toBe(lane);
});

/** Where it was sent, if the way ahead answers so. */
async function sentBy(lane: Lane, answer?: BusErrorCode): Promise<string[]> {
  const sent: string[] = [];
  const ordinary = async () => void sent.push('ordinary');
  const ahead = async () => {
    sent.push('ahead');
    if (answer) throw new BusError(answer, 'as the server says');
  };
  try {
    await sendBy(lane, { ordinary, ahead });
  } catch (error) {
    sent.push(error instanceof BusError ? error.code : String(error));
  }
  return sent;
}

test('each lane is taken once', async () => {
  expect(await sentBy('ordinary')).toEqual(['ordinary']);
  expect(await sentBy('ahead')).toEqual(['ahead']);
  expect(await sentBy('both')).toEqual(['ahead', 'ordinary']);
});

test.each(['no-stream', 'not-permitted', 'full'] as const)(
  'where the way ahead takes nothing ("%s"), the ordinary one does',
  async (answer) => {
    expect(await sentBy('ahead', answer)).toEqual(['ahead', 'ordinary']);
    expect(await sentBy('both', answer)).toEqual(['ahead', 'ordinary']);
  },
);

test.each(['timeout', 'disconnected'] as const)(
  'where it is not known whether it was taken ("%s"), that is said, and it comes again',
  async (answer) => {
    expect(await sentBy('ahead', answer)).toEqual(['ahead', answer]);
    expect(await sentBy('both', answer)).toEqual(['ahead', 'ordinary', answer]);
  },
);
