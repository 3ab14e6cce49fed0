import type { AuditError } from '@entente/audit';
import { type MemberId, subjects, type wire } from '@entente/contract';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { until } from './fixture/patience.js';
import { startBorder, type TestBorder } from './fixture/test-border.js';
import { referral } from './fixture/test-messages.js';
import { summary } from './fixture/test-readers.js';
import { createGate } from './gate.js';
import { watchOwnLog } from './watch-own-log.js';

let border: TestBorder;
beforeAll(async () => {
  border = await startBorder({ changesTheLog: true });
});
afterAll(async () => await border?.stop());
let gate: ReturnType<typeof createGate> | undefined;
afterEach(async () => await gate?.stop());

const ALARM =
  'ALARM: no row for the log of this ledger in the directory, or none for this time: nothing passes until the agency signs one';
const RIGHT = 'the directory has a row for the log of this ledger again';

let version = 1;
async function publishRows(change: (row: wire.NationPartFrame['ledgers'][number]) => object): Promise<void> {
  const { nations } = border;
  version += 1;
  await nations.writePart(nations.nl, {
    version,
    ledgers: nations.nl.part.ledgers.map((row) => ({ ...row, ...change(row) })),
  });
  border.useDirectory(await nations.load());
}

it.each<[string, (row: wire.NationPartFrame['ledgers'][number]) => object]>([
  ['has no row', ({ origin }) => ({ origin: `${origin}/other` })],
  ['has a row for another time', () => ({ validUntilMs: Date.now() - 86_400_000 })],
])(
  'of a log for which the directory %s it says so once, and is not ready; then all goes on',
  async (_, change) => {
    const { origin } = border.nations.nl;
    gate = createGate(
      { ...border.gate, bus: await border.openGate(), cross: await border.openGate(true) },
      50,
    );
    await gate.start();
    border.said();
    const lines: ReturnType<TestBorder['said']> = [];
    const line = (words: string) => {
      lines.push(...border.said());
      return lines.find(({ message }) => message === words);
    };
    await publishRows(change);
    const member = await border.openMember('hotline.nl');
    const { bytes } = await referral(border);
    await member.publish(subjects.out('hotline.nl' as MemberId), bytes, { timeoutMs: 2000 });
    const alarm = await until('it says so', () => line(ALARM));
    expect(alarm).toMatchObject({ level: 'error', facts: { origin } });
    expect(gate.needs()).toMatchObject({ log: false, directory: true });
    // It looks again, and tries again, and says nothing more.
    const faults = () => {
      lines.push(...border.said());
      return lines.filter(({ message }) => message === 'recheck failed').length;
    };
    await until('it looks again', () => faults() > 2 || undefined);
    expect(lines.filter(({ message }) => message === ALARM)).toHaveLength(1);
    expect(await border.deliveredTo('hotline.nl')).toEqual([]);

    await publishRows(() => ({}));
    await until('it is right again', () => line(RIGHT));
    expect(gate.needs()).toMatchObject({ log: true });
    const answered = async () => (await border.deliveredTo('hotline.nl')).map(summary)[0];
    expect(await until('an answer', answered)).toBe('submission-accepted crossing');
  },
);

it('of an older entry than one that was proved it says nothing: it may be of a past log', async () => {
  const { nations } = border;
  gate = createGate({ ...border.gate, bus: await border.openGate(), cross: await border.openGate(true) });
  await gate.start();
  const member = await border.openMember('hotline.nl');
  const entryOf = async () => {
    const { bytes } = await referral(border);
    await member.publish(subjects.out('hotline.nl' as MemberId), bytes, { timeoutMs: 2000 });
    return await until(
      'an entry',
      async () => (await border.deliveredTo('hotline.nl'))[0]?.answer?.entry ?? undefined,
    );
  };
  const [older, middle, newer] = [await entryOf(), await entryOf(), await entryOf()];
  const state = { directory: await nations.load() };
  const ownLog = watchOwnLog({ ...border.gate, directory: () => state.directory });
  const refused = (entry: wire.EntryFrame) => {
    try {
      ownLog.verify(entry);
    } catch (error) {
      return (error as AuditError).code;
    }
    return undefined;
  };
  expect(refused(middle)).toBe(undefined);
  await publishRows(({ origin }) => ({ origin: `${origin}/other` }));
  state.directory = await nations.load();
  expect([refused(older), ownLog.isNamed()]).toEqual(['checkpoint-wrong-origin', true]);
  expect([refused(newer), ownLog.isNamed()]).toEqual(['checkpoint-wrong-origin', false]);
  await publishRows(() => ({}));
});
