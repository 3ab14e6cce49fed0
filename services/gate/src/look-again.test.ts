import { type Bus, BusError } from '@entente/bus';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { LONG_MS, until } from './fixture/patience.js';
import { startBorder, type TestBorder } from './fixture/test-border.js';
import { entryOf, fromAbroad, referral } from './fixture/test-messages.js';
import { testKey } from './fixture/test-nations.js';
import { summary } from './fixture/test-readers.js';
import { withFault } from './fixture/with-fault.js';
import { createGate } from './gate.js';
import { lookAgain } from './look-again.js';

// The attacker is whoever can publish at the interconnect under a counterpart's subjects: what it sends names keys that nobody has.

let border: TestBorder;
let gate: ReturnType<typeof createGate> | undefined;
beforeAll(async () => {
  border = await startBorder({ changesTheLog: true });
});
afterEach(async () => await gate?.stop());
afterAll(async () => await border?.stop());

const EVERY_MS = 100;
const MANY = 200;

it('a flood of what no directory names makes a running gate look ten times a second at most, is dropped whole, and stops nothing', {
  timeout: LONG_MS,
}, async () => {
  const { de } = border.nations;
  const follower = await border.nations.follow();
  let looks = 0;
  const { lookEveryMs: _, ...deps } = border.gate;
  gate = createGate(
    {
      ...{ ...deps, directory: follower.current },
      ...{ bus: await border.openGate(), cross: await border.openGate(true) },
      refreshDirectory: async () => {
        looks += 1;
        await follower.refresh();
      },
    },
    // By itself it looks at its start, and then no more.
    LONG_MS,
  );
  await gate.start();
  expect(looks).toBe(1);
  await border.waitForGermany();
  const { signer } = await testKey('Ed25519', Date.now());
  const send = async (own?: typeof signer) => {
    const parties = { from: 'hotline.de', to: 'isp.nl hosting' };
    const message = await referral(border, { ...parties, ...(own ? { signer: own } : {}) });
    const passage = { envelope: message.envelope, proofs: [await entryOf(border, message)] };
    const { subject, data } = await fromAbroad(border, { passage });
    await border.german.publishAcross(subject, data, { replyPrefix: '_R.DE.NL', timeoutMs: 4000 });
  };
  const startedMs = performance.now();
  for (let n = 0; n < MANY; n += 1) await send(signer);
  const dropped = async () =>
    Number(
      /gate_dropped_total\{[^}]*"nation"[^}]*"key-unknown"[^}]*\} (\d+)/.exec(
        await border.metrics.text(),
      )?.[1],
    );
  await until('all are dropped', async () => (await dropped()) >= MANY || undefined, LONG_MS);
  expect(await dropped()).toBe(MANY);
  expect(looks).toBeLessThanOrEqual(2 + (performance.now() - startedMs) / EVERY_MS);

  const key = await testKey('Ed25519', Date.now());
  const members = de.part.members.map((one) =>
    one.id === 'hotline.de' ? { ...one, keys: [...one.keys, key.stated] } : one,
  );
  await border.nations.writePart(de, { version: 2, members });
  await send(signer);
  await send(key.signer);
  const arrived = async () => (await border.deliveredTo('isp.nl')).map(summary)[0];
  expect(await until('the new key’s message', arrived)).toBe('passage leave enter');
  await border.crossed();
});

it('what a message made it find, and the ledger could not be told of, is adopted after the next look, once and by nobody a second time', async () => {
  const { fr } = border.nations;
  const follower = await border.nations.follow();
  let isAway = false;
  const request: Bus['request'] = async (...asked) => {
    if (isAway) throw new BusError('no-responder', 'the ledger is away');
    return await border.gate.bus.request(...asked);
  };
  const deps = {
    ...{ ...border.gate, directory: follower.current, refreshDirectory: follower.refresh },
    ...{ bus: withFault(await border.openGate(), { request }), cross: await border.openGate(true) },
  };
  gate = createGate(deps, LONG_MS);
  await gate.start();
  border.said();
  const size = border.logSize();
  await border.nations.writePart(fr, { version: 2 });
  isAway = true;
  await expect(lookAgain(deps)()).rejects.toThrow('the ledger is away');
  expect([follower.current().nations.get('FR')?.part.version, border.logSize()]).toEqual([2, size]);
  isAway = false;
  await Promise.all([lookAgain(deps)(), lookAgain(deps)()]);
  await lookAgain(deps)();
  expect(border.logSize()).toBe(size + 1);
  expect(border.said().map(({ message }) => message)).toEqual(['directory adopted']);
});
