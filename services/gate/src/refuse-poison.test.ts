import { type MemberId, subjects } from '@entente/contract';
import { createSetAside } from '@entente/runtime';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { LONG_MS, until } from './fixture/patience.js';
import { startBorder, type TestBorder } from './fixture/test-border.js';
import { entryOf, fromAbroad, referral, type Sealed } from './fixture/test-messages.js';
import { endless } from './fixture/test-packs.js';
import { type Crossed, recordIn, summary } from './fixture/test-readers.js';
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
  gate = createGate({ ...own, setAside: createSetAside({ ...deps, isFault, after: 3 }) }, 50);
  await gate.start();
};
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

// Three faults, and the pauses between them.
const timeout = 2 * LONG_MS;
let poison: Sealed;
const hashOf = ({ passage }: Crossed) =>
  Buffer.from(recordIn(passage?.proofs[0]).messageHash).toString('hex');

it('a poisonous message stops none of those after it, is refused on record, and its sender reads that', {
  timeout,
}, async () => {
  poison = await referral(border, MALWARE);
  await handIn(poison);
  const after = await Promise.all(Array.from({ length: 20 }, async () => await referral(border)));
  for (const one of after) await handIn(one);
  const answers = new Map<string, string>();
  const allEnded = async () => {
    for (const delivery of await border.deliveredTo('hotline.nl'))
      answers.set(delivery.answer?.messageId ?? '', summary(delivery));
    return answers.size === 21 || undefined;
  };
  await until('all have an outcome', allEnded, LONG_MS);
  expect(answers.get(poison.id)).toBe('submission-rejected rejection quarantined');
  for (const { id } of after) expect(answers.get(id)).toBe('submission-accepted crossing');
  expect(border.gate.quarantine.list()).toMatchObject([
    { source: 'hotline_nl', subject: 'edge.out.hotline_nl', bytes: poison.bytes.length },
  ]);
  const alarms = border.said().filter(({ message }) => message.startsWith('ALARM'));
  expect(alarms).toMatchObject([{ level: 'error', facts: { source: 'hotline_nl' } }]);
  expect(JSON.stringify(alarms)).not.toContain('on and on');
  // Each goes its way beside the answer to its sender.
  const crossed = new Set<string>();
  const allCrossed = async () => {
    for (const one of await border.crossed()) crossed.add(hashOf(one));
    return crossed.size >= after.length || undefined;
  };
  await until('all others have crossed', allCrossed, LONG_MS);
  expect(crossed).toEqual(new Set(after.map(({ hash }) => hash.toString('hex'))));
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
  const told = (await border.deliveredTo('hotline.nl')).filter(
    ({ answer }) => answer?.messageId === poison.id,
  );
  expect(told.map(summary)).toEqual(['submission-rejected rejection quarantined']);
  expect((await border.crossed()).map(hashOf)).not.toContain(poison.hash.toString('hex'));
  await border.packs.publish(border.nations.nl, { version: 4, edit: endless });
  await until('the pack is in use', () => (border.gate.packs.own().version === 4 ? true : undefined));
});

it('what comes from abroad is refused on record as well, and the sender hears of it across', {
  timeout,
}, async () => {
  poison = await referral(border, { from: 'hotline.de', to: 'isp.nl hosting', ...MALWARE });
  await comeIn(poison);
  const after = await referral(border, { from: 'hotline.de', to: 'isp.nl hosting' });
  await comeIn(after);
  const delivered = async () => (await border.deliveredTo('isp.nl')).map(summary)[0];
  expect(await until('a delivery', delivered, LONG_MS)).toBe('passage leave enter');
  const crossed = new Map<string, string>();
  const bothTold = async () => {
    for (const { answer } of await border.crossed())
      crossed.set(
        answer?.messageId ?? '',
        `${answer?.evidence} ${recordIn(answer?.entry).verdict?.code}`.trim(),
      );
    return (crossed.has(poison.id) && crossed.has(after.id)) || undefined;
  };
  await until('both answers', bothTold, LONG_MS);
  expect(crossed.get(after.id)).toBe('relay-accepted');
  expect(crossed.get(poison.id)).toBe('relay-rejected quarantined');
  const [kept] = border.gate.quarantine.list();
  expect(kept).toMatchObject({ source: 'DE', subject: 'cross.NL.DE.gate' });
  border.gate.quarantine.drop(kept?.id ?? '');
});
