import { openDirectory, verifyLedgers } from '@entente/cli';
import { LIMITS, type MemberId, packBatch, subjects, wire } from '@entente/contract';
import { encryptFor, sha256 } from '@entente/seal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { phishingNotice } from '../kit/examples.js';
import { flipped } from '../kit/forge.js';
import { passage, stealGates } from '../kit/gate-thief.js';
import { busOfGate, busOfGateAcross, busOfMember, sealed } from '../kit/hostile.js';
import { smallPlan, startTestNetwork, type TestNetwork } from '../kit/network.js';
import { received, refusals } from '../kit/state.js';
import { type Tap, tapMember } from '../kit/tap.js';
import { waitFor } from '../kit/wait.js';

// Many travel in one message of the bus. The attacker puts a batch together: with the NATS credential of hotline.de, with that of a
// gate. Whatever stands in it, what is good in it arrives, once, and what is bad is refused for itself.
const timeoutMs = 60_000;
let net: TestNetwork;
let hotline: Tap;
beforeAll(async () => {
  net = await startTestNetwork(smallPlan(), ['hotline.de', 'isp.de']);
  hotline = await tapMember(net, 'hotline.de');
});
afterAll(async () => {
  await hotline?.close();
  await net?.stop();
});

const honest = async () => await sealed(net.home, 'hotline.de', phishingNotice('isp.fr'));
const arrives = async (id: string) =>
  await waitFor(`the arrival of ${id}`, async () =>
    (await received(net, 'isp.fr')).includes(id) ? true : undefined,
  );
const noticeOn = async (frame: Uint8Array) =>
  await waitFor('a notice', async () => {
    const found = hotline.notices.find((one) => Buffer.from(one.envelopeSha256).equals(sha256(frame)));
    return found?.code;
  });

describe('in a batch that a member hands in', () => {
  it.each<[string, string, () => Promise<Uint8Array>]>([
    [
      "another member's envelope",
      'sender-mismatch',
      async () => (await sealed(net.home, 'isp.de', phishingNotice('isp.fr'))).envelope,
    ],
    ['an envelope with a bit changed', 'body-mismatch', async () => flipped((await honest()).envelope, -9)],
    ['no envelope', 'frame-malformed', async () => Buffer.from('no envelope')],
    [
      'a batch',
      'frame-malformed',
      async () => packBatch([(await honest()).envelope, (await honest()).envelope]),
    ],
    ['nothing', 'seal-malformed', async () => new Uint8Array()],
    [
      'a large one without a seal',
      'seal-malformed',
      async () => wire.envelope.encode({ seal: Buffer.alloc(9), body: Buffer.alloc(200_000, 0x41) }),
    ],
  ])('%s is refused for itself, and what stands around it arrives', async (_, code, bad) => {
    const [before, between, after] = [await honest(), await bad(), await honest()];
    const batch = packBatch([before.envelope, between, after.envelope]);
    await hotline.handIn(batch);
    await arrives(before.draft.id);
    await arrives(after.draft.id);
    if (between.length > 0) expect(await noticeOn(between)).toBe(code);
  });

  it('the same message twice is logged once, and arrives once', async () => {
    const { envelope, draft, messageHash } = await honest();
    await hotline.handIn(packBatch([envelope, envelope]));
    await arrives(draft.id);
    await hotline.statementOn(messageHash);
    await hotline.entryBy('DE', messageHash);
    expect((await received(net, 'isp.fr')).filter((id) => id === draft.id)).toHaveLength(1);
    const indices = hotline.entriesOn(messageHash).filter(({ nation }) => nation === 'DE');
    expect(new Set(indices.map(({ decidedAtMs }) => decidedAtMs)).size).toBe(1);
  });

  it('two messages under one id: the second is refused on record, and what stands beside them arrives', async () => {
    const [first, other] = [await honest(), await honest()];
    const second = await sealed(net.home, 'hotline.de', phishingNotice('isp.fr'), {
      header: { id: first.draft.id },
    });
    await hotline.handIn(packBatch([first.envelope, second.envelope, other.envelope]));
    await arrives(first.draft.id);
    await arrives(other.draft.id);
    const refusal = await hotline.entryBy('DE', second.messageHash);
    expect([refusal.event, refusal.verdict?.code]).toEqual(['rejection', 'id-reused']);
  });

  it.each<[string, () => Promise<readonly Uint8Array[]>, string]>([
    ['too many', async () => Array(LIMITS.batchItems + 1).fill(Buffer.from([0x0a])), 'too-large'],
    ['too large', async () => [Buffer.alloc(LIMITS.batch), Buffer.alloc(9)], 'too-large'],
  ])('%s are refused together', async (_, items, code) => {
    const batch = wire.batch.encode({ items: await items() });
    await hotline.handIn(batch);
    expect(await noticeOn(batch)).toBe(code);
    const { envelope, draft } = await honest();
    await hotline.handIn(envelope);
    await arrives(draft.id);
  });
});

describe('in a batch that comes from another nation', () => {
  it('a crossing that proves nothing is dropped for itself, also where the batch is delivered again', async () => {
    const gates = await stealGates(net);
    const across = await busOfGateAcross(net.home, 'DE');
    try {
      const good = await honest();
      const bare = await honest();
      const proof = await gates.log('DE', good.envelope, { stage: 'leave' });
      const crossing = (envelope: Uint8Array, proofs: readonly wire.EntryFrame[]) =>
        wire.crossing.encode({ passage: { envelope: wire.envelope.decode(envelope), proofs } });
      const batch = packBatch([
        crossing(bare.envelope, []),
        packBatch([crossing(good.envelope, [proof]), crossing(good.envelope, [proof])]),
        Buffer.from('nothing'),
        crossing(good.envelope, [proof]),
        crossing(good.envelope, [proof]),
      ]);
      const key = (await openDirectory(net.home)).gateKey('FR', Date.now());
      const subject = 'cross.FR.DE.hotline_de';
      const wrapped = await encryptFor(key, batch, 'entente-crossing', {
        from: 'DE',
        to: 'FR',
        mid: subject,
      });
      for (let times = 0; times < 2; times++)
        await across.publishAcross(subject, wrapped, { replyPrefix: '_R.DE.FR', timeoutMs });
      await arrives(good.draft.id);
      const inbox = await received(net, 'isp.fr');
      expect(inbox.filter((id) => id === good.draft.id)).toHaveLength(1);
      expect(inbox).not.toContain(bare.draft.id);
    } finally {
      await across.close();
      await gates.close();
    }
  });
});

describe('in a batch that a gate delivers', () => {
  it('what proves nothing is refused for itself, and the true message beside it is kept', async () => {
    const gates = await stealGates(net);
    const bus = await busOfGate(net.home, 'FR');
    try {
      const [good, bare] = [await honest(), await honest()];
      const proofs = [
        await gates.log('DE', good.envelope, { stage: 'leave' }),
        await gates.log('FR', good.envelope, { stage: 'enter' }),
      ];
      const before = (await refusals(net, 'isp.fr')).length;
      const items = [
        wire.delivery.encode(passage(bare.envelope, [])),
        Buffer.from('nothing'),
        wire.delivery.encode(passage(good.envelope, proofs)),
        wire.delivery.encode(passage(good.envelope, proofs)),
      ];
      await bus.publish(subjects.in('isp.fr' as MemberId), packBatch(items), { timeoutMs });
      await arrives(good.draft.id);
      const codes = await waitFor('both refusals', async () => {
        const all = await refusals(net, 'isp.fr');
        return all.length >= before + 2 ? all.slice(0, 2) : undefined;
      });
      expect([...codes].sort()).toEqual(['frame-malformed', 'proof-missing']);
      expect(await received(net, 'isp.fr')).not.toContain(bare.draft.id);
    } finally {
      await bus.close();
      await gates.close();
    }
  });
});

describe('a batch of appends', () => {
  it('is of the gate alone: a member cannot ask a ledger for anything', async () => {
    const bus = await busOfMember(net.home, 'hotline.de');
    const request = packBatch([Buffer.from([0x0a, 1, 0]), Buffer.from([0x0a, 1, 1])]);
    const error = await bus.request('ledger.append', request, { timeoutMs: 1000 }).catch((cause) => cause);
    expect(['not-permitted', 'no-responder', 'timeout']).toContain(error.code);
    await bus.close();
  });
});

it('after all of this both logs verify', async () => {
  expect((await verifyLedgers(net.home)).map(({ faults }) => faults)).toEqual([[], []]);
});
