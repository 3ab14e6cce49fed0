import type { SentMessage } from '@entente/cli';
import { LIMITS, newId, wire } from '@entente/contract';
import { sealStatement, sha256 } from '@entente/seal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { phishingNotice } from '../kit/examples.js';
import { withBody } from '../kit/forge.js';
import { forgedPermit } from '../kit/forge-proof.js';
import { type DeliveryDraft, type GateThief, passage, stealGates } from '../kit/gate-thief.js';
import { sealed, signerOf } from '../kit/hostile.js';
import { smallPlan, startTestNetwork, type TestNetwork } from '../kit/network.js';
import { waitFor } from '../kit/wait.js';

// The attacker has the credentials of both gates, and the members that would say "delivered" are silent.

let net: TestNetwork;
let thief: GateThief;
beforeAll(async () => {
  net = await startTestNetwork(smallPlan(), ['hotline.fr', 'isp.de']);
  thief = await stealGates(net);
});
afterAll(async () => {
  await thief?.close();
  await net?.stop();
});

const originOfFrance = () => net.home.nations.find(({ code }) => code === 'FR')?.origin ?? '';

describe('evidence that a gate makes up', () => {
  let abroad: SentMessage;
  let other: SentMessage;
  let inside: SentMessage;
  beforeAll(async () => {
    abroad = await pending('hotline.fr', 'hotline', 'submission-accepted', 'relay-accepted');
    other = await pending('hotline.fr', 'hotline', 'submission-accepted');
    inside = await pending('isp.de', 'hosting', 'submission-accepted');
  });
  const pending = async (to: string, to_role: string, ...until: string[]) => {
    const { id } = await net.client('hotline.de').send({ ...phishingNotice(to), to_role });
    return await waitFor(until.join(' and '), async () => {
      const message = await net.client('hotline.de').message(id);
      const said = message.evidence.map(({ evidence }) => evidence);
      return until.every((word) => said.includes(word)) ? message : undefined;
    });
  };
  const hashOf = ({ message_hash }: SentMessage) => Buffer.from(message_hash ?? '', 'hex');
  const entryOf = ({ evidence }: SentMessage, said = evidence.at(-1)?.evidence) =>
    wire.entry.decode(Buffer.from(evidence.find((one) => one.evidence === said)?.proof ?? '', 'base64'));
  const sealOf = (message: SentMessage) =>
    wire.envelope.encode({ seal: wire.record.decode(entryOf(message).record).seal });
  const answer = (message: SentMessage, entry: wire.EntryFrame | null, more = {}): DeliveryDraft => ({
    answer: {
      evidence: 'relay-rejected',
      messageId: message.id,
      messageHash: hashOf(message),
      to: 'hotline.de',
      entry,
      ...more,
    },
  });
  /** Evidence by a member of FR, on both logs as it should be. */
  const statement = async (
    by: string,
    change: { evidence?: string; messageHash?: Uint8Array; from?: string } = {},
  ) => {
    const { evidence = 'delivered', messageHash = hashOf(abroad), from = by } = change;
    const nowMs = Date.now();
    const draft = {
      profile: wire.Profile.PROFILE_TEST,
      id: newId(),
      caseId: abroad.case_id,
      from,
      fromRole: 'hotline',
      to: 'hotline.de',
      toRole: 'hotline',
      inReplyTo: abroad.id,
      issuedAtMs: nowMs,
      expiresAtMs: nowMs + LIMITS.lifetimeMs,
      actor: '',
    };
    const about = [{ messageId: abroad.id, messageHash, code: '' }];
    return (await sealStatement(draft, { evidence, atMs: nowMs, about }, await signerOf(net.home, by)))
      .envelope;
  };
  const onBothLogs = async (envelope: Uint8Array) =>
    passage(envelope, [
      await thief.log('FR', envelope, { stage: 'leave', event: 'evidence' }),
      await thief.log('DE', envelope, { stage: 'enter', event: 'evidence' }),
    ]);

  const FORGERIES: readonly (readonly [string, string, () => Promise<DeliveryDraft>])[] = [
    [
      'an answer about a message that never was',
      'case-unknown',
      async () => answer(abroad, entryOf(abroad), { messageId: newId() }),
    ],
    ['an answer without an entry', 'proof-missing', async () => answer(abroad, null)],
    [
      'an answer with the entry of another message',
      'proof-wrong',
      async () => answer(abroad, entryOf(inside)),
    ],
    [
      "an answer with an entry of a nation's ledger that is not on the way",
      'proof-wrong',
      async () =>
        answer(inside, await thief.log('FR', sealOf(inside), { stage: 'inside', decision: 'refuse' })),
    ],
    [
      "an answer of the recipient's nation for the sender's",
      'proof-wrong',
      async () =>
        answer(abroad, await thief.log('FR', sealOf(abroad), { stage: 'leave', decision: 'refuse' })),
    ],
    [
      "an answer of the sender's nation for the recipient's",
      'proof-wrong',
      async () =>
        answer(abroad, await thief.log('DE', sealOf(abroad), { stage: 'enter', decision: 'refuse' })),
    ],
    [
      'an answer of a log that calls itself by the right name',
      'proof-wrong',
      async () => answer(abroad, await forgedPermit(originOfFrance(), entryOf(abroad))),
    ],
    [
      'an answer with the entry of another message to the same recipient',
      'proof-wrong',
      async () => answer(abroad, entryOf(other, 'submission-accepted')),
    ],
    [
      'an answer with the entry of what another member has sealed under the id',
      'sender-mismatch',
      async () => {
        const header = { id: abroad.id, caseId: abroad.case_id };
        const { envelope } = await sealed(net.home, 'isp.de', phishingNotice('hotline.fr'), { header });
        return answer(abroad, await thief.log('DE', envelope, { stage: 'leave', decision: 'refuse' }));
      },
    ],
    [
      '"delivered" by a member that did not receive it',
      'case-unknown',
      async () => await onBothLogs(await statement('isp.fr')),
    ],
    [
      '"delivered" in the recipient\'s name under another\'s signature',
      'sender-mismatch',
      async () => await onBothLogs(await statement('isp.fr', { from: 'hotline.fr' })),
    ],
    [
      '"delivered" by the recipient about another content',
      'case-unknown',
      async () => await onBothLogs(await statement('hotline.fr', { messageHash: hashOf(inside) })),
    ],
    [
      '"delivered" by the recipient, on no log',
      'proof-missing',
      async () => passage(await statement('hotline.fr'), []),
    ],
    [
      "a gate's word in an edge's mouth",
      'statement-malformed',
      async () => await onBothLogs(await statement('hotline.fr', { evidence: 'relay-rejected' })),
    ],
    [
      'a word that is none',
      'statement-malformed',
      async () => await onBothLogs(await statement('hotline.fr', { evidence: 'eaten' })),
    ],
    [
      'evidence with something in its envelope',
      'body-mismatch',
      async () => await onBothLogs(withBody(await statement('hotline.fr'), Buffer.from('x'))),
    ],
  ];
  it.each(FORGERIES)('%s', async (_name, code, make) => {
    expect(await thief.refusalOf('hotline.de', await make())).toBe(code);
    for (const { id, evidence } of [abroad, inside]) {
      const now = await net.client('hotline.de').message(id);
      expect({ outcome: now.outcome, evidence: now.evidence.length }).toEqual({
        outcome: '',
        evidence: evidence.length,
      });
    }
  });

  it('a notice about an envelope that was not sent from there changes nothing', async () => {
    const { envelope } = await sealed(net.home, 'isp.fr', phishingNotice('hotline.de'));
    const notice = { code: 'signature-wrong', envelopeSha256: sha256(envelope) };
    await thief.deliver('hotline.de', { notice });
    expect(await thief.refusalOf('hotline.de', { passage: {} })).toBe('frame-malformed');
    expect((await net.client('hotline.de').message(abroad.id)).outcome).toBe('');
  });

  it('is told from the true one, which is taken', async () => {
    await thief.deliver('hotline.de', await onBothLogs(await statement('hotline.fr')));
    await waitFor('the outcome', async () =>
      (await net.client('hotline.de').message(abroad.id)).outcome === 'delivered' ? true : undefined,
    );
  });
});
