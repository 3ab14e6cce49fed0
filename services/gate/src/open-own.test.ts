import { BATCHING, unpackBatch, wire } from '@entente/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startBorder, type TestBorder } from './fixture/test-border.js';
import { HOUR, holdKit } from './fixture/test-holds.js';
import { referral } from './fixture/test-messages.js';
import { withFault } from './fixture/with-fault.js';
import type { GateDeps } from './state.js';

let border: TestBorder;
beforeAll(async () => {
  border = await startBorder();
});
afterAll(async () => await border?.stop());
const { told, handIn, forgetAll, order, say } = holdKit(() => border);
beforeEach(forgetAll);

/** The same gate a little later, when the keys of a member have ended, as `change` says. */
async function later(id: string, change: object): Promise<GateDeps> {
  const { nations, gate, clock } = border;
  const { sha256 } = gate.directory();
  const members = nations.nl.part.members.map((member) =>
    member.id === id ? { ...member, keys: member.keys.map((key) => ({ ...key, ...change })) } : member,
  );
  await nations.writePart(nations.nl, { members });
  const other = await nations.load();
  await nations.writePart(nations.nl);
  clock.aheadMs = 5000;
  return { ...gate, directory: () => ({ ...other, sha256 }) };
}

const justNow = () => ({ validUntilMs: Date.now() + 1 });
const passed = async (member: string) => (await told(member)).filter((one) => one.startsWith('passage'));

describe('of a sender whose key has ended since', () => {
  it('what has passed goes the same way again', async () => {
    const message = await referral(border, { to: 'isp.nl hosting' });
    await handIn('hotline.nl', message);
    expect(await told('hotline.nl')).toEqual(['submission-accepted crossing']);
    expect(await passed('isp.nl')).toEqual(['passage inside']);
    const size = border.logSize();
    expect(await handIn('hotline.nl', message, await later('hotline.nl', justNow()))).toBe('done');
    expect(await told('hotline.nl')).toEqual(['submission-accepted crossing']);
    expect(await passed('isp.nl')).toEqual(['passage inside']);
    expect(border.logSize()).toBe(size);
  });

  it('what was held, and released while it was valid, does as well', async () => {
    const sealed = await order();
    await say(sealed, 'court.nl');
    expect(await passed('isp.nl')).toEqual(['passage inside']);
    await told('prosecutor.nl');
    await handIn('prosecutor.nl', sealed, await later('prosecutor.nl', justNow()));
    expect(await told('prosecutor.nl')).toEqual(['submission-accepted crossing']);
    expect(await passed('isp.nl')).toEqual(['passage inside']);
  });

  it('what is new does not pass, and its sender is told so', async () => {
    const fresh = await referral(border, { to: 'isp.nl hosting' });
    const size = border.logSize();
    expect(await handIn('hotline.nl', fresh, await later('hotline.nl', justNow()))).toBe('drop');
    expect([await told('hotline.nl'), await passed('isp.nl')]).toEqual([['notice key-not-valid'], []]);
    expect(border.logSize()).toBe(size);
  });

  it('what waits for a release does not pass: the entry that let it would be made after the end of its key', async () => {
    const sealed = await order();
    const gate = await later('prosecutor.nl', justNow());
    expect(await handIn('prosecutor.nl', sealed, gate)).toBe('drop');
    expect(await told('prosecutor.nl')).toEqual(['notice key-not-valid']);
  });
});

describe('of a sender whose key has ended since, what has passed', () => {
  /** The ledger answers with this refusal whoever looks for something. */
  const refusing = (gate: GateDeps, refusal: string): GateDeps => ({
    ...gate,
    bus: withFault(gate.bus, {
      request: async (subject, bytes, options) =>
        unpackBatch(bytes).every((one) => wire.appendRequest.decode(one).knownOnly)
          ? BATCHING.pack([wire.appendReply.encode({ refusal, detail: '' })])
          : await gate.bus.request(subject, bytes, options),
    }),
  });

  it('comes again while the ledger cannot look for it, and its sender reads no refusal', async () => {
    const message = await referral(border, { to: 'isp.nl hosting' });
    await handIn('hotline.nl', message);
    await told('hotline.nl');
    const gate = await later('hotline.nl', justNow());
    await expect(handIn('hotline.nl', message, refusing(gate, 'ledger-failed'))).rejects.toMatchObject({
      refusal: 'ledger-failed',
    });
    expect(await told('hotline.nl')).toEqual([]);
  });

  it('and was erased is over, as it is for any other sender', async () => {
    const message = await referral(border, { to: 'isp.nl hosting' });
    await handIn('hotline.nl', message);
    await told('hotline.nl');
    const gate = await later('hotline.nl', justNow());
    expect(await handIn('hotline.nl', message, refusing(gate, 'erased'))).toBe('drop');
    expect(await told('hotline.nl')).toEqual(['notice expired']);
  });
});

it.each([
  ['was revoked', { revokedAtMs: Date.now() - HOUR }],
  ['was not valid when it passed', { validUntilMs: Date.now() - HOUR }],
])('of a sender whose key %s nothing passes again', async (_, change) => {
  const message = await referral(border, { to: 'isp.nl hosting' });
  await handIn('hotline.nl', message);
  expect([await told('hotline.nl'), await passed('isp.nl')]).toEqual([
    ['submission-accepted crossing'],
    ['passage inside'],
  ]);
  expect(await handIn('hotline.nl', message, await later('hotline.nl', change))).toBe('drop');
  expect([await told('hotline.nl'), await passed('isp.nl')]).toEqual([['notice key-not-valid'], []]);
});
