import { type MemberId, subjects } from '@entente/contract';
import { createSetAside } from '@entente/runtime';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { startBorder, type TestBorder, until } from './fixture/test-border.js';
import { entryOf, fromAbroad, referral, type Sealed } from './fixture/test-messages.js';
import { endless } from './fixture/test-packs.js';
import { recordIn, summary } from './fixture/test-readers.js';
import { createGate } from './gate.js';
import { isFault } from './refuse-poison.js';

// A pack that its agency has signed, and that fails on one kind of message for a reason that no test made up: what it says of
// it does not fit into the log.

let border: TestBorder;
let gate: ReturnType<typeof createGate> | undefined;
beforeAll(async () => {
  border = await startBorder({ changesTheLog: true, isReady: false });
  await border.packs.publish(border.nations.nl, { version: 2, edit: endless });
  await start();
  await border.waitForGermany();
});
afterAll(async () => {
  await gate?.stop();
  await border?.stop();
});
afterEach(() => void border.said());

const start = async (): Promise<void> => {
  const { gate: deps } = border;
  const own = { ...deps, bus: await border.openGate(), cross: await border.openGate(true) };
  gate = createGate({ ...own, setAside: createSetAside({ ...deps, isFault, after: 3 }) }, undefined, 50);
  await gate.start();
};
/** Three faults, and the pauses between them. */
const LONG = 30_000;
const MALWARE = { facts: { category: 'malware' } } as const;
const handIn = async ({ bytes }: Pick<Sealed, 'bytes'>) => {
  const member = await border.openMember('hotline.nl');
  await member.publish(subjects.out('hotline.nl' as MemberId), bytes, { timeoutMs: 2000 });
  await member.close();
};
const comeIn = async (message: Sealed) => {
  const passage = { envelope: message.envelope, proofs: [await entryOf(border, message)] };
  const { subject, data } = await fromAbroad(border, { passage });
  await border.german.publishAcross(subject, data, { replyPrefix: '_R.DE.NL', timeoutMs: 2000 });
};

it('a poisonous message stops none of those after it, is refused on record, and its sender reads that', async () => {
  const poison = await referral(border, MALWARE);
  await handIn(poison);
  const after = await Promise.all(Array.from({ length: 20 }, async () => await referral(border)));
  for (const one of after) await handIn(one);
  const answers = new Map<string, string>();
  const allEnded = async () => {
    for (const delivery of await border.deliveredTo('hotline.nl'))
      answers.set(delivery.answer?.messageId ?? '', summary(delivery));
    return answers.size === 21 || undefined;
  };
  await until('all have an outcome', allEnded, LONG);
  expect(answers.get(poison.id)).toBe('submission-rejected rejection quarantined');
  for (const { id } of after) expect(answers.get(id)).toBe('submission-accepted crossing');
  expect(border.gate.quarantine.list()).toMatchObject([
    { source: 'hotline_nl', subject: 'edge.out.hotline_nl', bytes: poison.bytes.length },
  ]);
  const alarms = border.said().filter(({ message }) => message.startsWith('ALARM'));
  expect(alarms).toMatchObject([{ level: 'error', facts: { source: 'hotline_nl' } }]);
  expect(JSON.stringify(alarms)).not.toContain('on and on');
  await border.crossed();
});

it('handled again, it is answered with what is on record, and leaves the quarantine', async () => {
  const [{ id = '' } = {}] = border.gate.quarantine.list();
  border.gate.quarantine.ask(id);
  await until('it has failed again', async () =>
    border.said().find(({ message }) => message.includes('failed again')),
  );
  expect(border.gate.quarantine.list()).toMatchObject([{ id, isAsked: false }]);
  // The agency mends its pack.
  await border.packs.publish(border.nations.nl, { version: 3 });
  await until('the pack is in use', () => (border.gate.packs.own().version === 3 ? true : undefined));
  border.gate.quarantine.ask(id);
  await until('it is gone', () => (border.gate.quarantine.count() === 0 ? true : undefined));
  expect((await border.deliveredTo('hotline.nl')).map(summary)).toEqual([
    'submission-rejected rejection quarantined',
  ]);
  expect(await border.crossed()).toEqual([]);
  await border.packs.publish(border.nations.nl, { version: 4, edit: endless });
  await until('the pack is in use', () => (border.gate.packs.own().version === 4 ? true : undefined));
});

it('what comes from abroad is refused on record as well, and the sender hears of it across', async () => {
  const poison = await referral(border, { from: 'hotline.de', to: 'isp.nl hosting', ...MALWARE });
  await comeIn(poison);
  const after = await referral(border, { from: 'hotline.de', to: 'isp.nl hosting' });
  await comeIn(after);
  const delivered = async () => (await border.deliveredTo('isp.nl')).map(summary)[0];
  expect(await until('a delivery', delivered, LONG)).toBe('passage leave enter');
  const crossed = new Map<string, string>();
  const bothTold = async () => {
    for (const { answer } of await border.crossed())
      crossed.set(
        answer?.messageId ?? '',
        `${answer?.evidence} ${recordIn(answer?.entry).verdict?.code}`.trim(),
      );
    return (crossed.has(poison.id) && crossed.has(after.id)) || undefined;
  };
  await until('both answers', bothTold, LONG);
  expect(crossed.get(after.id)).toBe('relay-accepted');
  expect(crossed.get(poison.id)).toBe('relay-rejected quarantined');
  const [kept] = border.gate.quarantine.list();
  expect(kept).toMatchObject({ source: 'DE', subject: 'cross.NL.DE.gate' });
  border.gate.quarantine.drop(kept?.id ?? '');
});
