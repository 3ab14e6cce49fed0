import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bus } from '@entente/bus';
import { type MemberId, type MemberType, newId, type Role, subjects, wire } from '@entente/contract';
import { sealStatement } from '@entente/seal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { phishingNotice } from '../kit/examples.js';
import { resealed } from '../kit/forge.js';
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
import { busOfGate, sealed, signerOf } from '../kit/hostile.js';
import { startTestNetwork, type TestNetwork } from '../kit/network.js';
import { addRule, changePack } from '../kit/packs.js';
import { received, refusals, untilLogged } from '../kit/state.js';
import { waitFor } from '../kit/wait.js';

// What the shipped rules do not ask for, and a nation's own may: a hold where a message comes in, for a court of where it came
// from; two roles that both have to release it. And members who write what only a gate can say.

let net: TestNetwork;
beforeAll(async () => {
  net = await startTestNetwork(plan(), ['court2.nl']);
  await changePack(net.home, 'NL', strict);
});
afterAll(async () => await net?.stop());

function plan() {
  const member = (id: string, type: MemberType) => ({ id, name: id, types: [type], roles: [type as Role] });
  const more: Record<string, ReturnType<typeof member>[]> = {
    DE: [member('hotline.de', 'hotline')],
    NL: [member('ministry.nl', 'ministry')],
  };
  const { name, nations } = courtPlan();
  const needed = ({ id }: { readonly id: string }) => !['police.nl', 'magistrate.nl'].includes(id);
  const joined = nations.map(({ code, members }) => ({
    code,
    members: [...members.filter(needed), ...(more[code] ?? [])],
  }));
  return { name, nations: joined };
}

/** Two more Dutch rules: what comes in about phishing waits for a court of where it came from; an order waits for the ministry, too. */
function strict(dir: string): void {
  const rules = {
    'origin-validates': `@hold("court@origin") @within("PT24H") @otherwise("refuse")
forbid (principal, action, resource)
when { context.stage == Stage::"enter" && context.facts.category == Category::"phishing" }
unless { context.originApprovals.contains(Role::"court") };`,
    'ministry-validates': `@hold("ministry") @within("PT12H") @otherwise("refuse")
forbid (principal, action == Action::"block", resource)
when { context.facts.force == Force::"order" }
unless { context.approvals.contains(Role::"ministry") };`,
  };
  for (const [id, rule] of Object.entries(rules)) {
    appendFileSync(
      join(dir, 'nl', 'none.cedar'),
      `\n@id("${id}")\n@basis("A test")\n@says("${id}")\n${rule}\n`,
    );
  }
  for (const name of readdirSync(join(dir, 'texts'))) {
    const file = join(dir, 'texts', name);
    const words = Object.fromEntries(Object.keys(rules).map((id) => [id, id]));
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), ...words }));
  }
}

/** Hands it in, and waits until the Dutch log has it. */
async function logged(by: string, envelope: Uint8Array): Promise<void> {
  await handIn(net, by, envelope);
  await untilLogged(net.home, 'NL', envelope);
}

describe('a notice that the Dutch gate holds for a court of the nation that sent it', () => {
  const send = async () => {
    const { id } = await net.client('hotline.de').send({ ...phishingNotice('isp.nl'), to_role: 'hosting' });
    const hold = await waitFor('the court is told', async () =>
      (await holdsOf(net, 'court.de')).find((one) => one.id === id),
    );
    return { id, hash: hold.message_hash, hold };
  };
  const stateOf = async (id: string) => {
    const { state, outcome } = await net.client('hotline.de').message(id);
    return { state, outcome };
  };

  it('waits for that court and no other, which neither hears of it nor can release it', async () => {
    const { id, hash, hold } = await send();
    expect(hold).toMatchObject({ as: 'court@DE', held_by: 'NL', from: 'hotline.de', to: 'isp.nl' });
    await waitFor('the sender hears of it', async () =>
      (await stateOf(id)).outcome === 'held' ? true : undefined,
    );
    expect((await holdsOf(net, 'court.nl')).map((one) => one.id)).not.toContain(id);
    const about = { id, hash };
    const sender = { to: 'hotline.de', toRole: 'hotline', about };
    for (const [from, as] of [
      ['court.nl', 'court'],
      ['isp.nl', 'access'],
    ] as const) {
      const { envelope } = await sealedApproval(net, { from, as, ...sender });
      await logged(from, envelope);
    }
    // The sender itself, as the court that it is not, past its own gate's nation and on its way to this one.
    const own = await sealedApproval(net, {
      from: 'hotline.de',
      as: 'court',
      to: 'isp.nl',
      toRole: 'hosting',
      about,
    });
    await handIn(net, 'hotline.de', own.envelope);
    expect(await stateOf(id)).toEqual({ state: 'sent', outcome: 'held' });
    expect(await received(net, 'isp.nl')).not.toContain(id);
    await decide(net, 'court.de', hash, 'release');
    expect(await ended(net, id, 'hotline.de')).toMatchObject({ outcome: 'delivered' });
    expect(await received(net, 'isp.nl')).toContain(id);
  });

  it('is returned when that court refuses, though its nation had let it go', async () => {
    const { id, hash } = await send();
    await decide(net, 'court.de', hash, 'refuse');
    const end = await ended(net, id, 'hotline.de', ['held']);
    expect(end).toMatchObject({ outcome: 'refused', code: 'not-released' });
    expect(end.reason).toContain('court of DE: disproportionate');
    expect(end.evidence.map(({ evidence }) => evidence)).toEqual(
      expect.arrayContaining(['submission-accepted', 'held', 'relay-rejected']),
    );
    expect(await received(net, 'isp.nl')).not.toContain(id);
  });

  it('waits for that court twice, where its own gate holds it before: it is asked at each, and one word is none for both', async () => {
    await changePack(net.home, 'DE', addRule('waits-at-home', COURT_AT_HOME));
    try {
      const { id, hash, hold } = await send();
      expect(hold.held_by).toBe('DE');
      await decide(net, 'court.de', hash, 'release');
      const second = await waitFor('the other gate asks as well', async () =>
        (await holdsOf(net, 'court.de')).find((one) => one.id === id && one.held_by === 'NL'),
      );
      expect(second.decision).toBeNull();
      const choice = { decision: 'release', reason: 'lawful', justification: 'Kept here.' };
      const say = async (more: object) =>
        (await callEdge(net, 'court.de', `/v1/holds/${hash}`, { ...choice, ...more })).status;
      expect(await say({})).toBe(409);
      expect(await received(net, 'isp.nl')).not.toContain(id);
      expect(await say({ held_by: 'NL' })).toBe(202);
      expect(await ended(net, id, 'hotline.de')).toMatchObject({ outcome: 'delivered' });
    } finally {
      await changePack(net.home, 'DE');
    }
  });
});

const COURT_AT_HOME = `@basis("A test") @says("waits-at-home") @hold("court") @within("PT24H") @otherwise("refuse")
forbid (principal, action, resource)
when { context.stage == Stage::"leave" && context.facts.category == Category::"phishing" }
unless { context.approvals.contains(Role::"court") };`;

describe('an order that a court and the ministry have to release', () => {
  const isHeld = async (id: string) => {
    expect(await net.client('prosecutor.nl').message(id)).toMatchObject({ state: 'sent', outcome: 'held' });
    expect(await received(net, 'isp.nl')).not.toContain(id);
  };

  it('does not go on by the word of one of them, however often and by whomever it is said', async () => {
    const { id, hash } = await sendHeld(net);
    await waitFor('the ministry is told', async () =>
      (await holdsOf(net, 'ministry.nl')).find((one) => one.id === id),
    );
    await decide(net, 'court.nl', hash, 'release');
    const sender = { to: 'prosecutor.nl', toRole: 'prosecutor', about: { id, hash } };
    const again = await sealedApproval(net, { from: 'court2.nl', as: 'court', ...sender });
    await logged('court2.nl', again.envelope);
    const asMinistry = await sealedApproval(net, { from: 'court2.nl', as: 'ministry', ...sender });
    await logged('court2.nl', asMinistry.envelope);
    await isHeld(id);
    await decide(net, 'ministry.nl', hash, 'release');
    const { outcome, evidence } = await ended(net, id);
    expect(outcome).toBe('delivered');
    const proof = evidence.find((piece) => piece.evidence === 'submission-accepted')?.proof ?? '';
    const { input } = wire.record.decode(wire.entry.decode(Buffer.from(proof, 'base64')).record);
    expect(input?.approvals).toEqual([
      { role: 'court', nation: 'NL' },
      { role: 'ministry', nation: 'NL' },
    ]);
  });

  it('is returned by the refusal of one, after the release of the other', async () => {
    const { id, hash } = await sendHeld(net, { approver: 'ministry.nl' });
    await decide(net, 'ministry.nl', hash, 'release');
    await waitFor('the release is on record', async () =>
      (await holdsOf(net, 'ministry.nl')).find((one) => one.id === id && one.decision?.state === 'logged'),
    );
    await isHeld(id);
    const court = { from: 'court.nl', as: 'court', to: 'prosecutor.nl', toRole: 'prosecutor' };
    const refusal = await sealedApproval(net, { ...court, about: { id, hash }, evidence: 'not-released' });
    await logged('court.nl', refusal.envelope);
    expect(await ended(net, id)).toMatchObject({ outcome: 'refused', code: 'not-released' });
  });
});

describe('that a message is held, only the log of a gate says:', () => {
  let gate: Bus;
  beforeAll(async () => {
    gate = await busOfGate(net.home, 'NL');
  });
  afterAll(async () => await gate?.close());

  it.each(['held', 'released', 'not-released'])(
    'a member that seals "%s" as evidence is refused, and that is logged',
    async (evidence) => {
      const nowMs = Date.now();
      const draft = {
        ...{ profile: wire.Profile.PROFILE_TEST, id: newId(), caseId: newId(), inReplyTo: '', actor: '' },
        ...{ from: 'isp.nl', fromRole: 'access', to: 'prosecutor.nl', toRole: 'prosecutor' },
        ...{ issuedAtMs: nowMs, expiresAtMs: nowMs + 3_600_000 },
      };
      const about = [{ messageId: newId(), messageHash: Buffer.alloc(32, 1), code: '' }];
      const { envelope } = await sealStatement(
        draft,
        { evidence, atMs: nowMs, about },
        await signerOf(net.home, 'isp.nl'),
      );
      const before = (await refusals(net, 'prosecutor.nl')).length;
      await logged('isp.nl', envelope);
      expect((await refusals(net, 'prosecutor.nl')).length).toBe(before);
    },
  );

  it('an answer "held" whose entry is of no log, and one whose entry is a permit, suspend nothing', async () => {
    const { id, hash, sent } = await sendHeld(net);
    const genuine = wire.entry.decode(Buffer.from(sent.evidence[0]?.proof ?? '', 'base64'));
    await decide(net, 'court.nl', hash, 'release');
    await waitFor('the ministry is told', async () =>
      (await holdsOf(net, 'ministry.nl')).find((one) => one.id === id),
    );
    await decide(net, 'ministry.nl', hash, 'release');
    const done = await ended(net, id);
    const origin = net.home.nations.find(({ code }) => code === 'NL')?.origin ?? '';
    const forged = await forgedPermit(origin, genuine);
    const held = {
      evidence: 'held',
      messageId: id,
      messageHash: Buffer.from(hash, 'hex'),
      to: 'prosecutor.nl',
    };
    const before = (await refusals(net, 'prosecutor.nl')).length;
    const bytes = wire.delivery.encode({ answer: { ...held, entry: forged } });
    await gate.publish(subjects.in('prosecutor.nl' as MemberId), bytes, { timeoutMs: 60_000 });
    const codes = await waitFor('a refusal', async () => {
      const all = await refusals(net, 'prosecutor.nl');
      return all.length > before ? all : undefined;
    });
    expect(codes[0]).toBe('proof-wrong');
    // The true hold once more, by who has the gate's credential: what has ended since has ended.
    const again = wire.delivery.encode({ answer: { ...held, entry: genuine } });
    await gate.publish(subjects.in('prosecutor.nl' as MemberId), again, { timeoutMs: 60_000 });
    const other = await sendHeld(net);
    expect(other.id).not.toBe(id);
    expect(await net.client('prosecutor.nl').message(id)).toMatchObject({
      state: 'ended',
      outcome: done.outcome,
    });
  });
});

describe('facts of more clocks than a message may state', () => {
  it('are refused by the gate, and the refusal is logged', async () => {
    const submission = { ...phishingNotice('isp.nl'), to_role: 'hosting', from_role: 'hotline' };
    const { envelope } = await sealed(net.home, 'hotline.de', submission);
    const { facts } = wire.header.decode(
      Buffer.from(
        Buffer.from(wire.envelope.decode(envelope).seal).toString('latin1').split('.')[1] ?? '',
        'base64url',
      ),
    );
    if (!facts) throw new Error('a referral has facts');
    const clocks = Array.from({ length: 9 }, (_, at) => ({ clock: 'act-on-notice', minutes: at + 1 }));
    const many = await resealed(net.home, envelope, { facts: { ...facts, clocks }, id: newId() });
    await handIn(net, 'hotline.de', many.envelope);
    await untilLogged(net.home, 'DE', many.envelope);
    expect(await received(net, 'isp.nl')).not.toContain(many.header.id);
    expect((await holdsOf(net, 'court.de')).map((one) => one.id)).not.toContain(many.header.id);
  });
});
