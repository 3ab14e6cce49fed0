import { verifyLedgers } from '@entente/cli';
import { newId, wire } from '@entente/contract';
import { messageHash } from '@entente/seal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { examples, phishingNotice } from '../kit/examples.js';
import { headerOf, resealed } from '../kit/forge.js';
import { sealed } from '../kit/hostile.js';
import { logAs } from '../kit/log-as.js';
import { smallPlan, startTestNetwork, type TestNetwork } from '../kit/network.js';
import { logSize, received } from '../kit/state.js';
import { type Tap, tapMember } from '../kit/tap.js';
import { waitFor } from '../kit/wait.js';

// The attacker is hotline.de itself, with all its keys and an edge of its own making.
let net: TestNetwork;
let hotline: Tap;
beforeAll(async () => {
  net = await startTestNetwork(smallPlan(), ['hotline.de', 'hotline.fr']);
  hotline = await tapMember(net, 'hotline.de');
});
afterAll(async () => {
  await hotline?.close();
  await net?.stop();
});

const NO_STATEMENT = {
  ...{ evidence: '', about: [], atMs: 0, access: null, inspection: '' },
};
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const honest = async (header = {}) =>
  await sealed(net.home, 'hotline.de', phishingNotice('isp.fr'), { header });
const hashOf = (envelope: Uint8Array) => messageHash(wire.envelope.decode(envelope).seal);
/** What every pack refuses: a whole domain for one post. */
const tooWide = () => {
  const example = examples().find(({ file }) => file.startsWith('22-'));
  if (!example) throw new Error('the example of a scope too wide is gone');
  return example.submission;
};

type Change = (header: wire.HeaderFrame, nowMs: number) => Partial<wire.HeaderFrame>;
const facts =
  (change: Partial<wire.FactsFrame>): Change =>
  ({ facts: honestFacts }) => ({
    facts: { ...(honestFacts as wire.FactsFrame), ...change },
  });

const CLAIMS: readonly (readonly [name: string, code: string, change: Change])[] = [
  ['an unknown protocol', 'header-malformed', () => ({ protocol: 2 })],
  ['a live message in a test network', 'profile-wrong', () => ({ profile: wire.Profile.PROFILE_LIVE })],
  ['a message of no profile', 'profile-wrong', () => ({ profile: wire.Profile.PROFILE_UNSPECIFIED })],
  ['an id that is a path', 'id-malformed', () => ({ id: '../../../../../../etc/passwd' })],
  ['an id with a NUL', 'id-malformed', ({ id }) => ({ id: `${id.slice(0, 31)}\0` })],
  ['an id in capitals', 'id-malformed', () => ({ id: 'A'.repeat(32) })],
  ['an id with a line break', 'id-malformed', ({ id }) => ({ id: `${id}\n` })],
  ['no id', 'id-malformed', () => ({ id: '' })],
  ['an id of ten thousand characters', 'id-malformed', () => ({ id: 'a'.repeat(10_000) })],
  ['a case that is a path', 'id-malformed', () => ({ caseId: '../cases/all' })],
  ['a case with a NUL', 'id-malformed', ({ caseId }) => ({ caseId: `${caseId.slice(0, 31)}\0` })],
  ['a reply to a path', 'id-malformed', () => ({ inReplyTo: './' })],
  ['an actor with a NUL', 'id-malformed', () => ({ actor: 'desk\0' })],
  ['an actor with markup', 'id-malformed', () => ({ actor: '<script>' })],
  ['a recipient that is a wildcard', 'id-malformed', () => ({ to: '*.fr' })],
  ['a recipient that is a path', 'id-malformed', () => ({ to: '../isp.fr' })],
  ['a recipient with a NUL', 'id-malformed', () => ({ to: 'isp.fr\0' })],
  ['a recipient that nobody knows', 'recipient-unknown', () => ({ to: 'nobody.fr' })],
  ['a recipient in a nation that nobody knows', 'no-counterpart', () => ({ to: 'isp.zz' })],
  ['a role that the sender does not hold', 'role-not-held', () => ({ fromRole: 'police' })],
  ['a role that the recipient does not hold', 'role-not-held', () => ({ toRole: 'court' })],
  ['a role that is none', 'role-not-held', () => ({ fromRole: '__proto__' })],
  ['a message that has expired', 'expired', (_, now) => ({ issuedAtMs: now - DAY_MS, expiresAtMs: now - 1 })],
  [
    'a message from the future',
    'not-yet-valid',
    (_, now) => ({ issuedAtMs: now + HOUR_MS, expiresAtMs: now + DAY_MS }),
  ],
  ['a message that never expires', 'lifetime-too-long', (_, now) => ({ expiresAtMs: now + 31 * DAY_MS })],
  ['an expiry before the issue', 'header-malformed', (_, now) => ({ expiresAtMs: now - DAY_MS })],
  ['a time that is no number of milliseconds', 'header-malformed', () => ({ expiresAtMs: 2 ** 60 })],
  ['a commitment of no length', 'header-malformed', () => ({ contentCommitment: new Uint8Array() })],
  [
    'words where the commitment to a justification belongs',
    'header-malformed',
    () => ({ justificationCommitment: Buffer.from('Ask for Anna Muster, Hauptstrasse 5') }),
  ],
  [
    'a commitment to a justification that is cut short',
    'header-malformed',
    () => ({ justificationCommitment: Buffer.alloc(31, 1) }),
  ],
  ['a schema that nobody knows', 'schema-unknown', () => ({ schemaSha256: Buffer.alloc(32) })],
  [
    'a statement inside a referral',
    'header-malformed',
    () => ({ statement: { ...NO_STATEMENT, evidence: 'delivered', atMs: 1 } }),
  ],
  ['no facts', 'facts-malformed', () => ({ facts: null })],
  ['an unknown category', 'facts-malformed', facts({ category: 'weapons' })],
  ['a category of the prototype', 'facts-malformed', facts({ category: 'constructor' })],
  ['an unknown word in a list', 'facts-malformed', facts({ dataClasses: ['shoe-size'] })],
  ['a word twice', 'facts-malformed', facts({ legalBasis: ['dsa-16', 'dsa-16'] })],
  ['no items', 'facts-malformed', facts({ itemCount: 0 })],
  [
    'free text where a word belongs',
    'facts-malformed',
    facts({ handling: 'TLP:GREEN, and greetings to Anna' }),
  ],
];

describe('a gate refuses on record, and tells the sender why', () => {
  it.each(CLAIMS)('%s', async (_name, code, change) => {
    const before = await logSize(net.home, 'FR');
    const { envelope } = await honest();
    const forged = await resealed(net.home, envelope, change(headerOf(envelope), Date.now()));
    await hotline.handIn(forged.envelope);
    const record = await hotline.entryBy('DE', hashOf(forged.envelope));
    expect(record.verdict).toMatchObject({ decision: 'refuse', code });
    expect(record.event).toBe('rejection');
    expect(await logSize(net.home, 'FR')).toBe(before);
    expect(await received(net, 'isp.fr')).toEqual([]);
  });
});

describe('an id', () => {
  it('that was named in a refused message is still free', async () => {
    const { envelope, draft, messageHash } = await honest();
    const expired = await resealed(net.home, envelope, { issuedAtMs: 1, expiresAtMs: 2 });
    await hotline.handIn(expired.envelope);
    expect((await hotline.entryBy('DE', hashOf(expired.envelope))).verdict?.code).toBe('expired');
    await hotline.handIn(envelope);
    expect((await hotline.statementOn(messageHash)).evidence).toBe('delivered');
    expect(await received(net, 'isp.fr')).toContain(draft.id);
  });

  it('belongs to the first message of its sender: another content under it is refused, and the first one stays', async () => {
    const first = await honest();
    await hotline.handIn(first.envelope);
    await hotline.statementOn(first.messageHash);
    const second = await sealed(net.home, 'hotline.de', phishingNotice('isp.fr', 'Another content.'), {
      header: { id: first.draft.id },
    });
    const toAnother = await sealed(
      net.home,
      'hotline.de',
      { ...phishingNotice('hotline.fr'), to_role: 'hotline' },
      {
        header: { id: first.draft.id },
      },
    );
    for (const { envelope, messageHash } of [second, toAnother]) {
      await hotline.handIn(envelope);
      const { event, verdict } = await hotline.entryBy('DE', messageHash);
      expect({ event, code: verdict?.code }).toEqual({ event: 'rejection', code: 'id-reused' });
    }
    const { received: messages } = await net.client('isp.fr').case(first.draft.caseId);
    expect(messages.map(({ id }) => id)).toEqual([first.draft.id]);
  });

  it('of one sender is none of another: nobody can take an id away', async () => {
    const id = newId();
    const squatter = await tapMember(net, 'hotline.fr');
    const early = await sealed(net.home, 'hotline.fr', phishingNotice('isp.fr'), { header: { id } });
    await squatter.handIn(early.envelope);
    expect((await squatter.statementOn(early.messageHash)).evidence).toBe('delivered');
    const late = await honest({ id });
    await hotline.handIn(late.envelope);
    expect((await hotline.statementOn(late.messageHash)).evidence).toBe('delivered');
    expect((await received(net, 'isp.fr')).filter((known) => known === id)).toHaveLength(2);
    await squatter.close();
  });
});

describe('a replay', () => {
  it('gets the same entries and the same evidence again, and is delivered once', async () => {
    const { envelope, messageHash, draft } = await honest();
    await hotline.handIn(envelope);
    await hotline.statementOn(messageHash);
    const sizes = [await logSize(net.home, 'DE'), await logSize(net.home, 'FR')];
    // What comes at the same time may be answered at once.
    for (let i = 1; i <= 3; i++) {
      await hotline.handIn(envelope);
      await waitFor('the evidence again', async () => hotline.statementsOn(messageHash)[i]);
    }
    expect([await logSize(net.home, 'DE'), await logSize(net.home, 'FR')]).toEqual(sizes);
    expect((await received(net, 'isp.fr')).filter((id) => id === draft.id)).toHaveLength(1);
    for (const nation of ['DE', 'FR']) await hotline.entryBy(nation, messageHash);
    const times = hotline.entriesOn(messageHash).map(({ nation, decidedAtMs }) => `${nation} ${decidedAtMs}`);
    expect(new Set(times).size).toBe(2);
  });
});

describe('a gate that dies between its entry and what follows from it', () => {
  it('acts on the permit that is logged, though it would refuse now; the next gate decides for itself', async () => {
    const { envelope, messageHash, draft } = await sealed(net.home, 'hotline.de', tooWide());
    await net.network.kill('gate.de');
    await hotline.handIn(envelope);
    await logAs(net.home, 'DE', envelope, { stage: 'leave' });
    await net.network.restart('gate.de');
    expect((await hotline.entryBy('DE', messageHash)).verdict?.decision).toBe('permit');
    const { verdict } = await hotline.entryBy('FR', messageHash);
    expect(verdict?.decision).toBe('refuse');
    expect(verdict?.rules.map(({ id }) => id)).toContain('scope-too-wide');
    expect(await received(net, 'isp.fr')).not.toContain(draft.id);
  });

  it('does not overturn the refusal that is logged, though it would permit now', async () => {
    const { envelope, messageHash, draft } = await honest();
    await logAs(net.home, 'DE', envelope, { stage: 'leave', decision: 'refuse' });
    const before = await logSize(net.home, 'FR');
    for (let i = 0; i < 3; i++) await hotline.handIn(envelope);
    await waitFor('three answers', async () => hotline.entriesOn(messageHash)[2]);
    expect(new Set(hotline.entriesOn(messageHash).map(({ verdict }) => verdict?.decision))).toEqual(
      new Set(['refuse']),
    );
    expect(await logSize(net.home, 'FR')).toBe(before);
    expect(await received(net, 'isp.fr')).not.toContain(draft.id);
  });

  it('leaves logs that verify', async () => {
    expect((await verifyLedgers(net.home)).map(({ faults }) => faults)).toEqual([[], []]);
  });
});
