import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inboxPrefix, openBus } from '@entente/bus';
import { paths, verifyEvidence, verifyLedgers } from '@entente/cli';
import { wire } from '@entente/contract';
import { loadAnchors } from '@entente/members';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateHere } from '../kit/here.js';
import { callEdge, courtPlan, decide, ended, holdsOf, sendHeld } from '../kit/holds.js';
import { natsPort, seedOf } from '../kit/hostile.js';
import { startTestNetwork, type TestNetwork } from '../kit/network.js';
import { changePack } from '../kit/packs.js';
import { received } from '../kit/state.js';
import { waitFor } from '../kit/wait.js';

let net: TestNetwork;
beforeAll(async () => {
  net = await startTestNetwork(courtPlan());
});
afterAll(async () => await net?.stop());

describe("a prosecutor's order that needs a judge", () => {
  it('waits, and both sides read why and until when', async () => {
    const { id, hold, sent } = await sendHeld(net);
    expect(hold).toMatchObject({ from: 'prosecutor.nl', to: 'isp.nl', as: 'court@NL', decision: null });
    expect(hold.rules).toMatchObject([{ id: 'court-validates', says: expect.stringContaining('court') }]);
    expect(hold.facts.action).toBe('block');
    const hours = (Date.parse(hold.until) - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(23.9);
    expect(hours).toBeLessThan(24.1);
    expect(sent).toMatchObject({ state: 'sent', outcome: 'held' });
    expect(await received(net, 'isp.nl')).not.toContain(id);
    expect(await holdsOf(net, 'police.nl')).toEqual([]);
    expect(await holdsOf(net, 'court.de')).toEqual([]);
  });

  it('is delivered when the court releases it, and the sender reads who did and as what', async () => {
    const { id, hash } = await sendHeld(net);
    await decide(net, 'court.nl', hash, 'release');
    const all = ['held', 'released', 'submission-accepted', 'delivered'];
    const end = await ended(net, id, 'prosecutor.nl', all);
    expect(end).toMatchObject({ outcome: 'delivered' });
    expect(end.evidence.find(({ evidence }) => evidence === 'released')).toMatchObject({
      source: 'court.nl',
      code: 'lawful',
      reason: expect.stringContaining('court'),
    });
    expect(await received(net, 'isp.nl')).toContain(id);
    await waitFor('the court hears that its word is on record', async () =>
      (await holdsOf(net, 'court.nl')).find((one) => one.id === id && one.decision?.state === 'logged'),
    );
  });

  it('has in the log what the rules were asked: without the release, and then with it', async () => {
    const { id, hash, hold } = await sendHeld(net);
    const asked = (proof: string) =>
      wire.record.decode(wire.entry.decode(Buffer.from(proof, 'base64')).record);
    const first = asked(hold.proof);
    expect(first).toMatchObject({ step: 'first', verdict: { decision: 'hold', awaits: ['court@NL'] } });
    expect(first.input).toEqual({ fromTypes: ['prosecutor'], toTypes: ['isp'], approvals: [] });
    await decide(net, 'court.nl', hash, 'release');
    const { evidence } = await ended(net, id);
    const accepted = evidence.find((piece) => piece.evidence === 'submission-accepted');
    const second = asked(accepted?.proof ?? '');
    expect(second.step).toMatch(/^[0-9a-f]{64}$/);
    expect(second.input?.approvals).toEqual([{ role: 'court', nation: 'NL' }]);
  });

  it('has evidence for a court of who held it, who released it and on what ground, and by which rules', async () => {
    const { id, hash } = await sendHeld(net);
    await decide(net, 'court.nl', hash, 'release');
    await ended(net, id, 'prosecutor.nl', ['held', 'released', 'submission-accepted', 'delivered']);
    const { case_id: caseId } = await net.client('prosecutor.nl').message(id);
    const anchors = await loadAnchors(paths.anchors(net.home.dir));
    const told = await verifyEvidence(await net.client('prosecutor.nl').evidenceFile(caseId, false), anchors);
    const words = told.findings.map((finding) => finding.words).join('\n');
    expect(told.proved, words).toBe(true);
    expect(words).toMatch(/decided "hold" .* by court-validates .*, rules of the pack [0-9a-f]{16}…/);
    expect(words).toMatch(
      /decided "permit" .*, after a hold that a court of NL ended by the message with the hash/,
    );
    expect(words).toMatch(
      new RegExp(
        `court\\.nl \\(court\\) says of the held message ${id} under its own seal "released" \\(lawful\\)`,
      ),
    );
    // The recipient has the entry that ended it, which names the court.
    const theirs = await verifyEvidence(await net.client('isp.nl').evidenceFile(caseId, false), anchors);
    expect(theirs.findings.map((finding) => finding.words).join('\n')).toContain('that a court of NL ended');
  });

  it('is returned when the court refuses, with its reason', async () => {
    const { id, hash } = await sendHeld(net);
    await decide(net, 'court.nl', hash, 'refuse');
    const end = await ended(net, id);
    expect(end).toMatchObject({ outcome: 'refused', code: 'not-released' });
    expect(end.reason).toContain('court of NL: disproportionate');
    expect(await received(net, 'isp.nl')).not.toContain(id);
  });

  it('has one word of each court: the first', async () => {
    const { hash } = await sendHeld(net);
    await decide(net, 'court.nl', hash, 'refuse');
    await decide(net, 'court.nl', hash, 'refuse');
    const other = { decision: 'release', reason: 'lawful', justification: 'Kept here.' };
    expect((await callEdge(net, 'court.nl', `/v1/holds/${hash}`, other)).status).toBe(409);
    expect((await callEdge(net, 'court.nl', `/v1/holds/${'0'.repeat(64)}`, other)).status).toBe(404);
    const unknown = { ...other, reason: 'because' };
    expect((await callEdge(net, 'court.nl', `/v1/holds/${hash}`, unknown)).status).toBe(400);
  });

  it('survives that the gate is killed while it waits', async () => {
    const { id, hash } = await sendHeld(net);
    await net.network.kill('gate.nl');
    await decide(net, 'court.nl', hash, 'release');
    await net.network.restart('gate.nl');
    expect(await ended(net, id)).toMatchObject({ outcome: 'delivered' });
  });

  it('survives that the gate has lost what it kept: the sender sends it again', async () => {
    const { id, hash } = await sendHeld(net);
    const bus = await gateBus('gate.nkey');
    await bus.publish(`gate.held.${hash}`, new Uint8Array(), { timeoutMs: 60_000 });
    await bus.close();
    await decide(net, 'court.nl', hash, 'release');
    expect(await ended(net, id)).toMatchObject({ outcome: 'delivered' });
  });

  it('is returned when nobody decides in time', async () => {
    const { id, hash } = await sendHeld(net);
    await net.network.kill('gate.nl');
    const late = await startLateGate(25 * 3_600_000);
    try {
      const end = await ended(net, id);
      expect(end).toMatchObject({ outcome: 'refused', code: 'hold-overdue' });
      // What comes too late changes nothing: the log has its end.
      await decide(net, 'court.nl', hash, 'release');
      await waitFor('the late word is refused', async () =>
        (await holdsOf(net, 'court.nl')).find((one) => one.id === id && one.decision?.state === 'refused'),
      );
      expect((await net.client('prosecutor.nl').message(id)).outcome).toBe('refused');
      expect(await received(net, 'isp.nl')).not.toContain(id);
    } finally {
      await late.stop();
      await net.network.restart('gate.nl');
    }
  });

  it('waits for a court of the nation that the data came from, if the rule says so', async () => {
    await changePack(net.home, 'NL', askOrigin);
    try {
      const origin = { nation: 'DE', onward_consent: true };
      const { id, hold, hash } = await sendHeld(net, { approver: 'court.de', content: { origin } });
      expect(hold).toMatchObject({ as: 'court@DE', held_by: 'NL', decision: null });
      expect((await holdsOf(net, 'court.nl')).map((one) => one.id)).not.toContain(id);
      await decide(net, 'court.de', hash, 'release');
      const { outcome, evidence } = await ended(net, id, 'prosecutor.nl', ['released']);
      expect(outcome).toBe('delivered');
      expect(evidence.find((piece) => piece.evidence === 'released')).toMatchObject({ source: 'court.de' });
    } finally {
      await changePack(net.home, 'NL');
    }
  });

  it('leaves logs that verify', async () => {
    expect((await verifyLedgers(net.home)).map(({ faults }) => faults)).toEqual([[], []]);
  });
});

const gateBus = async (nkey: string) =>
  await openBus({
    servers: `nats://127.0.0.1:${natsPort(net.home, 'NL')}`,
    name: 'gate NL',
    seed: seedOf(net.home, 'services.nl', nkey),
    inboxPrefix: inboxPrefix('gate'),
  });

/** The Dutch rules, but that the court is one of the nation that the data came from. */
function askOrigin(dir: string): void {
  const file = join(dir, 'base', 'limits-orders.cedar');
  const [before, after] = readFileSync(file, 'utf8').split('@id("court-validates")');
  const rule = after
    ?.replace('@hold("court")', '@hold("court@origin")')
    .replace('context.approvals', 'context.originApprovals');
  writeFileSync(file, `${before}@id("court-validates")${rule}`);
}

/** The same gate with the same keys, whose clock is ahead; what it tells the edges is the true time, by which they run. */
const startLateGate = (aheadMs: number) => startGateHere(net, 'NL', () => Date.now() + aheadMs, Date.now);
