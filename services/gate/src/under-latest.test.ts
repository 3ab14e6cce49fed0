import { setTimeout as delay } from 'node:timers/promises';
import { formatVkey } from '@entente/audit';
import { createUserKey } from '@entente/bus';
import { newId, wire } from '@entente/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startBorder, type TestBorder } from './fixture/test-border.js';
import { entryOf, fromAbroad, handedIn, type Message, NOTICE, referral } from './fixture/test-messages.js';
import { type TestKey, type TestNation, testKey } from './fixture/test-nations.js';
import { summary } from './fixture/test-readers.js';
import { fromMember, handInAgain } from './from-member.js';
import { crossAgain, fromNation } from './from-nation.js';
import { preflight } from './preflight.js';
import type { GateDeps } from './state.js';

// A real folder of a signed directory, which the gate does not read by itself here: what it reads, a message has made it read.

let border: TestBorder;
let follower: Awaited<ReturnType<TestBorder['nations']['follow']>>;
let gate: GateDeps;
let looks: number;
const versions = new Map<string, number>();
beforeAll(async () => {
  border = await startBorder({ changesTheLog: true, hasGermanPack: true });
});
afterAll(async () => await border?.stop());
beforeEach(async () => {
  border.said();
  looks = 0;
  follower = await border.nations.follow();
  gate = {
    ...border.gate,
    directory: follower.current,
    refreshDirectory: async () => {
      looks += 1;
      await follower.refresh();
    },
  };
});

/** What the agency signs next. */
async function publish(nation: TestNation, change: Partial<wire.NationPartFrame>): Promise<void> {
  const version = (versions.get(nation.code) ?? 1) + 1;
  versions.set(nation.code, version);
  await border.nations.writePart(nation, { ...change, version });
}

const told = async (member: string) => (await border.deliveredTo(member)).map(summary);
const withKey = ({ part }: TestNation, member: string, key: TestKey) =>
  part.members.map((one) => (one.id === member ? { ...one, keys: [...one.keys, key.stated] } : one));
const GERMAN = { from: 'hotline.de', to: 'isp.nl hosting' } as const;
const arriving = async (message: Message, nation = border.nations.de) => {
  const sealed = await referral(border, { ...GERMAN, ...message });
  const passage = { envelope: sealed.envelope, proofs: [await entryOf(border, sealed, { nation })] };
  return { sealed, passage };
};

/** A message out of Germany and one of our own, each signed with a key that only the directory of now names. */
async function signedWithNewKeys() {
  const { de, nl } = border.nations;
  const [theirs, ours] = [await testKey('Ed25519', Date.now()), await testKey('Ed25519', Date.now())];
  const { passage } = await arriving({ signer: theirs.signer });
  const { bytes } = await referral(border, { to: 'isp.nl hosting', signer: ours.signer });
  await publish(de, { members: withKey(de, 'hotline.de', theirs) });
  await publish(nl, { members: withKey(nl, 'hotline.nl', ours) });
  return { passage, bytes };
}

/** Germany's ledger has gone over to another log. */
async function succeeded(): Promise<{ readonly nation: TestNation; readonly name: () => Promise<void> }> {
  const { de } = border.nations;
  const ledger = await testKey('Ed25519', Date.now());
  const origin = `test/de/${newId().slice(0, 8)}`;
  const vkey = formatVkey(origin, Buffer.from(String(ledger.jwk.x), 'base64url'));
  const [last] = de.part.ledgers;
  const row = { ...(last as NonNullable<typeof last>), origin, vkey, predecessor: de.origin };
  return {
    nation: { ...de, ledger, origin },
    name: () => publish(de, { ledgers: [...de.part.ledgers, row] }),
  };
}

describe('under a directory that lies there and was not read yet, there passes', () => {
  it('a message whose proof is of a new log of its nation', async () => {
    const { nation, name } = await succeeded();
    const { passage } = await arriving({}, nation);
    await name();
    expect(await fromNation(gate, await fromAbroad(border, { passage }))).toBe('done');
    expect(await told('isp.nl')).toEqual(['passage leave enter']);
    expect((await border.crossed()).map(({ answer }) => answer?.evidence)).toEqual(['relay-accepted']);
    expect(looks).toBe(1);
  });

  it('evidence of another nation’s gate from a new log, which nobody sends a second time', async () => {
    const { nation, name } = await succeeded();
    const sent = await referral(border);
    const claim = { nation, stage: 'enter' } as const;
    const entry = await entryOf(border, sent, claim);
    const answer = {
      evidence: 'relay-accepted',
      messageId: sent.id,
      messageHash: sent.hash,
      to: 'hotline.nl',
      entry,
    };
    const delivery = await fromAbroad(border, { answer });
    await name();
    expect(await fromNation(gate, delivery)).toBe('done');
    expect(await told('hotline.nl')).toEqual(['relay-accepted crossing']);
  });

  it('what a new key of another nation’s member has signed, and one of our own', async () => {
    const { passage, bytes } = await signedWithNewKeys();
    expect(await fromNation(gate, await fromAbroad(border, { passage }))).toBe('done');
    expect(await fromMember(gate, handedIn('hotline.nl', bytes))).toBe('done');
    expect(await told('hotline.nl')).toEqual(['submission-accepted crossing']);
    expect(await told('isp.nl')).toEqual(['passage leave enter', 'passage inside']);
    await border.crossed();
  });

  it('what is for a new member, or in a new role: it is not refused on record, where the first entry would stay', async () => {
    const { de } = border.nations;
    const id = 'new.de';
    const isp = de.part.members.find((one) => one.id === 'isp.de') as wire.MemberFrame;
    const newcomer = { ...isp, id, name: id, keys: [], nkey: createUserKey().publicKey };
    const { bytes } = await referral(border, { header: { to: id } });
    await publish(de, { members: [...de.part.members, newcomer] });
    expect(await fromMember(gate, handedIn('hotline.nl', bytes))).toBe('done');
    const { bytes: other } = await referral(border, { to: 'isp.de registrar' });
    const registrar = { ...isp, roles: [...isp.roles, 'registrar'] };
    await publish(de, { members: de.part.members.map((one) => (one === isp ? registrar : one)) });
    expect(await fromMember(gate, handedIn('hotline.nl', other))).toBe('done');
    expect(looks).toBe(2);
    // Whatever the rules say of a registrar: they were asked.
    expect(await told('hotline.nl')).toEqual([
      'submission-accepted crossing',
      expect.stringMatching(/ crossing$/),
    ]);
    await border.crossed();
  });

  it('a question about a new member', async () => {
    const { de } = border.nations;
    const isp = de.part.members.find((one) => one.id === 'isp.de') as wire.MemberFrame;
    const newcomer = { ...isp, id: 'newer.de', name: 'newer.de', keys: [], nkey: createUserKey().publicKey };
    await publish(de, { members: [...de.part.members, newcomer] });
    const asked = {
      from: 'hotline.nl',
      fromRole: 'hotline',
      to: 'newer.de',
      toRole: 'hosting',
      facts: NOTICE,
    };
    const reply = await preflight(gate, wire.preflightRequest.encode(asked), 'gate.preflight.hotline_nl');
    expect(wire.preflightReply.decode(reply)).toMatchObject({
      refusal: '',
      verdicts: [{ nation: 'NL' }, {}],
    });
  });

  it('what comes out of the quarantine', async () => {
    const { passage, bytes } = await signedWithNewKeys();
    expect(await crossAgain(gate, 'cross.NL.DE.gate', wire.crossing.encode({ passage }))).toBe('done');
    expect(await handInAgain(gate, 'edge.out.hotline_nl', bytes)).toBe('done');
    await told('isp.nl');
    await told('hotline.nl');
    await border.crossed();
  });
});

// The attacker is at the interconnect, or a member: what it sends is refused by the directory, again and again.
describe('who sends what no directory knows', () => {
  const EVERY_MS = 100;
  const unknown = async () => {
    const { signer } = await testKey('Ed25519', Date.now());
    const { passage } = await arriving({ signer });
    const { bytes } = await referral(border, { signer });
    return { crossing: await fromAbroad(border, { passage }), envelope: handedIn('hotline.nl', bytes) };
  };

  it('makes the gate look ten times a second at most; each is refused when it comes again, after a look', async () => {
    const { lookEveryMs: _, ...slow } = gate;
    const { crossing, envelope } = await unknown();
    const size = border.logSize();
    const startedMs = performance.now();
    const outcomes: unknown[] = [];
    for (let n = 0; n < 100; n += 1)
      outcomes.push(await fromNation(slow, crossing), await fromMember(slow, envelope));
    const most = Math.ceil((performance.now() - startedMs) / EVERY_MS) + 1;
    expect(looks).toBeLessThanOrEqual(most);
    // Only what was looked for itself is refused at once.
    expect(outcomes.filter((outcome) => outcome === 'drop')).toHaveLength(looks);
    const later = outcomes.filter((outcome) => outcome !== 'drop') as { readonly retryInMs: number }[];
    expect(later).toHaveLength(outcomes.length - looks);
    for (const { retryInMs } of later) {
      expect(retryInMs).toBeGreaterThan(0);
      expect(retryInMs).toBeLessThanOrEqual(EVERY_MS);
    }
    expect(await fromNation(slow, { ...crossing, redeliveries: 1 })).toBe('drop');
    expect(await fromMember(slow, { ...envelope, redeliveries: 1 })).toBe('drop');
    expect(border.logSize()).toBe(size);
    await told('hotline.nl');
  });

  it('keeps nobody else from being looked for', async () => {
    // Longer than what is done here between the two looks.
    const slow = { ...gate, lookEveryMs: 1000 };
    const { crossing } = await unknown();
    const { nation, name } = await succeeded();
    const { passage } = await arriving({}, nation);
    const good = await fromAbroad(border, { passage });
    expect(await fromNation(slow, crossing)).toBe('drop');
    await name();
    // The look was before the directory came: the message is put off, and not dropped.
    const outcome = (await fromNation(slow, good)) as { readonly retryInMs: number };
    expect(outcome).toEqual({ retryInMs: expect.any(Number) });
    await delay(outcome.retryInMs);
    await fromNation(slow, { ...crossing, redeliveries: 1 });
    expect(await fromNation(slow, { ...good, redeliveries: 1 })).toBe('done');
    expect(await told('isp.nl')).toEqual(['passage leave enter']);
    await border.crossed();
  });

  it('has one waiting for the look that it may not have yet where its seal holds, and its refusal is on record once', async () => {
    const { lookEveryMs: _, ...slow } = gate;
    const size = border.logSize();
    const messages = await Promise.all(
      Array.from({ length: 20 }, async () => await referral(border, { header: { to: 'nobody.de' } })),
    );
    const done = await Promise.all(
      messages.map(({ bytes }) => fromMember(slow, handedIn('hotline.nl', bytes))),
    );
    expect(new Set(done)).toEqual(new Set(['done']));
    expect(looks).toBeLessThanOrEqual(2);
    expect(border.logSize()).toBe(size + messages.length);
    expect(new Set(await told('hotline.nl'))).toEqual(
      new Set(['submission-rejected rejection recipient-unknown']),
    );
  });

  it('makes it look for nothing that a directory cannot change', async () => {
    const { sealed, passage } = await arriving({});
    const body = { ...passage, envelope: { ...sealed.envelope, body: Buffer.from('x') } };
    const others = [
      body,
      { ...passage, proofs: [] },
      { ...passage, proofs: [await entryOf(border, sealed, { stage: 'enter' })] },
    ];
    for (const bad of others)
      expect(await fromNation(gate, await fromAbroad(border, { passage: bad }))).toBe('drop');
    expect(await fromMember(gate, handedIn('hotline.nl', Buffer.from('rubbish')))).toBe('drop');
    expect(looks).toBe(0);
    await told('hotline.nl');
  });
});
