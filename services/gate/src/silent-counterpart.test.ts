import { randomBytes } from 'node:crypto';
import type { Bus } from '@entente/bus';
import { type MemberId, subjects } from '@entente/contract';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { LONG_MS, until } from './fixture/patience.js';
import { startBorder, type TestBorder } from './fixture/test-border.js';
import { referral, type Sealed, statement } from './fixture/test-messages.js';
import { recordIn } from './fixture/test-readers.js';
import { withFault } from './fixture/with-fault.js';
import { createGate } from './gate.js';

// The attacker is a counterpart: its server takes what is sent to it, keeps its connections, and acknowledges nothing.

let border: TestBorder;
let gate: ReturnType<typeof createGate> | undefined;
beforeAll(async () => {
  border = await startBorder({ hasGermanPack: true });
});
afterEach(async () => await gate?.stop());
afterAll(async () => await border?.stop());

const EACH = 100;
const HANDED = { timeoutMs: 4000 };

/** A gate whose messages abroad are counted. */
async function startGate() {
  const sent = { abroad: 0 };
  const cross = await border.openCross();
  const publishAcross: Bus['publishAcross'] = async (...what) => {
    sent.abroad += 1;
    await cross.publishAcross(...what);
  };
  gate = createGate({
    ...border.gate,
    bus: await border.openGate(),
    cross: withFault(cross, { publishAcross }),
  });
  await gate.start();
  return sent;
}

const many = async (make: () => Promise<Sealed>) => await Promise.all(Array.from({ length: EACH }, make));
const answeredIds = async (id: string) =>
  (await border.deliveredTo(id)).flatMap(({ answer }) => answer?.messageId ?? []);

it('keeps nothing waiting but what goes there, and has everything once it answers again', {
  timeout: 2 * LONG_MS,
}, async () => {
  const hotline = await border.openMember('hotline.nl');
  const ministry = await border.openMember('ministry.nl');
  const prosecutor = await border.openMember('prosecutor.nl');
  const about = () => [{ id: randomBytes(16).toString('hex'), hash: randomBytes(32) }];
  const referrals = await many(() => referral(border));
  const statements = await many(() =>
    statement(border, { from: 'ministry.nl', to: 'hotline.de', about: about() }),
  );
  for (const { bytes } of referrals)
    await hotline.publish(subjects.out('hotline.nl' as MemberId), bytes, HANDED);
  for (const { bytes } of statements)
    await ministry.publish(subjects.out('ministry.nl' as MemberId), bytes, HANDED);

  const size = border.logSize();
  border.stallGermany(true);
  const sent = await startGate();
  await until('the gate sends abroad', () => (sent.abroad > 0 ? true : undefined));
  const inside = await referral(border, { from: 'prosecutor.nl', to: 'isp.nl hosting' });
  await prosecutor.publish(subjects.out('prosecutor.nl' as MemberId), inside.bytes, HANDED);
  const isAnswered = async () => (await answeredIds('prosecutor.nl')).includes(inside.id) || undefined;
  await until('what has nothing to do with Germany has its answer', isAnswered, LONG_MS);
  // Of each member a few were tried together, and then one at a time.
  expect(sent.abroad).toBeLessThan(16);

  border.stallGermany(false);
  const arrived = new Set<string>();
  const all = [...referrals, ...statements].map(({ hash }) => hash.toString('hex'));
  await until(
    'all has crossed',
    async () => {
      for (const { passage } of await border.crossed())
        arrived.add(Buffer.from(recordIn(passage?.proofs[0]).messageHash).toString('hex'));
      return all.every((hash) => arrived.has(hash)) || undefined;
    },
    LONG_MS,
  );
  // However often it was tried, it is on record once.
  expect(border.logSize() - size).toBe(all.length + 1);
});
