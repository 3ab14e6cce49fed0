import type { Bus } from '@entente/bus';
import { type MemberId, subjects, wire } from '@entente/contract';
import { messageHash, readUnverifiedHeader } from '@entente/seal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { forgedPermit } from '../kit/forge-proof.js';
import {
  callEdge,
  courtPlan,
  decide,
  ended,
  handIn,
  holdsOf,
  sealedApproval,
  sendHeld,
} from '../kit/holds.js';
import { busOfGate, signerOf } from '../kit/hostile.js';
import { startTestNetwork, type TestNetwork } from '../kit/network.js';
import { logSize, received, refusals, untilLogged } from '../kit/state.js';
import { waitFor } from '../kit/wait.js';

// The attackers are members with their keys and credentials; what they want is a held order that passes, or one that does not.

let net: TestNetwork;
beforeAll(async () => {
  net = await startTestNetwork(courtPlan());
});
afterAll(async () => await net?.stop());

const PROSECUTOR = { to: 'prosecutor.nl', toRole: 'prosecutor' };

/** Hands it in, and waits until the Dutch log has it. */
async function logged(by: string, envelope: Uint8Array): Promise<void> {
  await handIn(net, by, envelope);
  await untilLogged(net.home, 'NL', envelope);
}

/** It still waits, until the court itself has released it: what the log names as the end of the hold is the court's word. */
async function expectStillHeld(id: string, hash: string, from = 'prosecutor.nl'): Promise<void> {
  expect(await net.client(from).message(id)).toMatchObject({ state: 'sent', outcome: 'held' });
  expect(await received(net, 'isp.nl')).not.toContain(id);
  await decide(net, 'court.nl', hash, 'release');
  const { outcome, evidence } = await ended(net, id, from, ['released']);
  expect(outcome).toBe('delivered');
  const proofOf = (word: string) =>
    Buffer.from(evidence.find((piece) => piece.evidence === word)?.proof ?? '', 'base64');
  const { step } = wire.record.decode(wire.entry.decode(proofOf('submission-accepted')).record);
  const { envelope } = wire.passage.decode(proofOf('released'));
  const seal = envelope?.seal ?? new Uint8Array();
  expect(readUnverifiedHeader(seal)).toMatchObject({ from: 'court.nl', inReplyTo: id });
  expect(step).toBe(Buffer.from(messageHash(seal)).toString('hex'));
}

describe('nobody releases an order but the court that it waits for:', () => {
  it.each([
    ['its sender, as itself', 'prosecutor.nl', 'prosecutor', { to: 'isp.nl', toRole: 'access' }],
    ['its sender, as the court that it is not', 'prosecutor.nl', 'court', { to: 'isp.nl', toRole: 'access' }],
    ['its recipient', 'isp.nl', 'access', PROSECUTOR],
    ['the police', 'police.nl', 'police', PROSECUTOR],
    ['the police, as the court that it is not', 'police.nl', 'court', PROSECUTOR],
    ['the court of another nation', 'court.de', 'court', PROSECUTOR],
  ])('%s', async (_who, from, as, to) => {
    const { id, hash } = await sendHeld(net);
    const { envelope } = await sealedApproval(net, { from, as, ...to, about: { id, hash } });
    await logged(from, envelope);
    await expectStillHeld(id, hash);
  });

  it.each([
    ['the police', 'police.nl', 'police'],
    ['the court of another nation', 'court.de', 'court'],
    ['its recipient', 'isp.nl', 'access'],
  ])('and nobody else returns it: %s', async (_who, from, as) => {
    const { id, hash } = await sendHeld(net);
    const about = { id, hash };
    const { envelope } = await sealedApproval(net, {
      from,
      as,
      ...PROSECUTOR,
      about,
      evidence: 'not-released',
    });
    await logged(from, envelope);
    await expectStillHeld(id, hash);
  });

  it('its sender, who is a court as well', async () => {
    const { id, hash } = await sendHeld(net, { from: 'magistrate.nl' });
    const about = { id, hash };
    const { envelope } = await sealedApproval(net, {
      ...{ from: 'magistrate.nl', as: 'court', to: 'isp.nl', toRole: 'access', about },
    });
    await logged('magistrate.nl', envelope);
    expect((await holdsOf(net, 'magistrate.nl')).map((hold) => hold.id)).not.toContain(id);
    await expectStillHeld(id, hash, 'magistrate.nl');
  });

  it('somebody who writes the name of the court on it', async () => {
    const { id, hash } = await sendHeld(net);
    const signer = await signerOf(net.home, 'police.nl');
    const about = { id, hash };
    const forged = await sealedApproval(net, { from: 'court.nl', as: 'court', ...PROSECUTOR, about, signer });
    const before = await logSize(net.home, 'NL');
    await handIn(net, 'police.nl', forged.envelope);
    await handIn(net, 'court.nl', forged.envelope);
    await expectStillHeld(id, hash);
    // Nothing was logged of either: the entries are the court's word, the end of the hold, and the evidence of delivery.
    expect(await logSize(net.home, 'NL')).toBeLessThanOrEqual(before + 3);
  });
});

describe('a word of the court counts once, for the message that it names:', () => {
  it('not for another one, and not for another one when it comes again', async () => {
    const first = await sendHeld(net);
    const second = await sendHeld(net);
    const about = { id: first.id, hash: first.hash };
    const { envelope } = await sealedApproval(net, { from: 'court.nl', as: 'court', ...PROSECUTOR, about });
    await handIn(net, 'court.nl', envelope);
    expect(await ended(net, first.id)).toMatchObject({ outcome: 'delivered' });
    const size = await logSize(net.home, 'NL');
    await handIn(net, 'court.nl', envelope);
    await expectStillHeld(second.id, second.hash);
    expect(await logSize(net.home, 'NL')).toBeLessThanOrEqual(size + 3);
  });

  it('not for one whose id it names with the hash of another', async () => {
    const first = await sendHeld(net);
    const second = await sendHeld(net);
    const about = { id: second.id, hash: first.hash.replace(/^./, (digit) => (digit === '0' ? '1' : '0')) };
    const { envelope } = await sealedApproval(net, { from: 'court.nl', as: 'court', ...PROSECUTOR, about });
    await logged('court.nl', envelope);
    await expectStillHeld(second.id, second.hash);
    await expectStillHeld(first.id, first.hash);
  });

  it('and of two courts that disagree at once, one wins, in the log and at the sender', async () => {
    const { id, hash } = await sendHeld(net, { approver: 'court2.nl' });
    await waitFor('both are told', async () =>
      (await holdsOf(net, 'court.nl')).find((hold) => hold.id === id),
    );
    await Promise.all([decide(net, 'court.nl', hash, 'release'), decide(net, 'court2.nl', hash, 'refuse')]);
    const { outcome, evidence } = await ended(net, id);
    const words = evidence.map((piece) => piece.evidence);
    expect(['delivered', 'refused']).toContain(outcome);
    const ends = words.filter((word) => ['submission-accepted', 'submission-rejected'].includes(word));
    expect(ends).toEqual([outcome === 'delivered' ? 'submission-accepted' : 'submission-rejected']);
    expect((await received(net, 'isp.nl')).includes(id)).toBe(outcome === 'delivered');
  });
});

describe('an edge that is told to release something', () => {
  let gate: Bus;
  beforeAll(async () => {
    gate = await busOfGate(net.home, 'NL');
  });
  afterAll(async () => await gate?.close());
  /** With the gate's stolen credential; the code with which the edge refuses. */
  const refusalOf = async (member: string, entry: wire.EntryFrame, about: { id: string; hash: string }) => {
    const before = (await refusals(net, member)).length;
    const answer = { evidence: 'held', messageId: about.id, to: member, entry };
    const messageHash = Buffer.from(about.hash, 'hex');
    const bytes = wire.delivery.encode({ answer: { ...answer, messageHash } });
    await gate.publish(subjects.in(member as MemberId), bytes, { timeoutMs: 60_000 });
    return await waitFor('a refusal', async () => {
      const codes = await refusals(net, member);
      return codes.length > before ? codes[0] : undefined;
    });
  };

  it('refuses what does not wait for it, and what no log says', async () => {
    const { id, hash, hold, sent } = await sendHeld(net);
    const about = { id, hash };
    const entry = wire.entry.decode(Buffer.from(hold.proof, 'base64'));
    expect(await refusalOf('police.nl', entry, about)).toBe('role-not-held');
    expect(await refusalOf('isp.nl', entry, about)).toBe('sender-mismatch');
    const origin = net.home.nations.find(({ code }) => code === 'NL')?.origin ?? '';
    expect(await refusalOf('court2.nl', await forgedPermit(origin, entry), about)).toBe('proof-wrong');
    await decide(net, 'court.nl', sent.message_hash ?? '', 'release');
    const { evidence } = await ended(net, id);
    const end = evidence.find((piece) => piece.evidence === 'submission-accepted');
    const permit = wire.entry.decode(Buffer.from(end?.proof ?? '', 'base64'));
    expect(await refusalOf('court2.nl', permit, about)).toBe('proof-wrong');
    expect(await holdsOf(net, 'police.nl')).toEqual([]);
  });

  it('has nothing to decide that nobody holds', async () => {
    const choice = { decision: 'release', reason: 'lawful', justification: 'x' };
    expect((await callEdge(net, 'police.nl', `/v1/holds/${'a'.repeat(64)}`, choice)).status).toBe(404);
  });
});
