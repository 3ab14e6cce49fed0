import { randomBytes } from 'node:crypto';
import { verifyLedgers } from '@entente/cli';
import { LIMITS, newId, wire } from '@entente/contract';
import { messageHash, sha256 } from '@entente/seal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { examples, phishingNotice, type Submission } from '../kit/examples.js';
import { base64url, headerOf, resealed, withBody } from '../kit/forge.js';
import { type Forgery, sealed } from '../kit/hostile.js';
import { smallPlan, startTestNetwork, type TestNetwork } from '../kit/network.js';
import { logLines, received } from '../kit/state.js';
import { type Tap, tapMember } from '../kit/tap.js';
import { waitFor } from '../kit/wait.js';

// The attacker is hotline.de with an edge of its own making. Both gates let these pass: they cannot read a content.
let net: TestNetwork;
let hotline: Tap;
beforeAll(async () => {
  net = await startTestNetwork(smallPlan(), ['hotline.de']);
  hotline = await tapMember(net, 'hotline.de');
});
afterAll(async () => {
  await hotline?.close();
  await net?.stop();
});

const make = async (forgery: Forgery = {}, submission: Submission = phishingNotice('isp.fr')) =>
  (await sealed(net.home, 'hotline.de', submission, forgery)).envelope;
const resealedWith = async (change: Partial<wire.HeaderFrame>) =>
  (await resealed(net.home, await make(), change)).envelope;
const withFacts = async (change: Partial<wire.FactsFrame>) => {
  const envelope = await make();
  const { facts } = headerOf(envelope);
  return (await resealed(net.home, envelope, { facts: { ...(facts as wire.FactsFrame), ...change } }))
    .envelope;
};
/** A sealed body that is none, or another's: the seal over it is right. */
const overBody = async (body: Uint8Array) => {
  const { envelope } = await resealed(net.home, await make(), { bodySha256: sha256(body) });
  return withBody(envelope, body);
};
const jwe = (header: object) => Buffer.from(`${base64url(JSON.stringify(header))}....`);
const bodyOf = (envelope: Uint8Array) => wire.envelope.decode(envelope).body;

const honestText = () => JSON.stringify(phishingNotice('isp.fr').content);
const csamNotice = (): Submission => {
  const example = examples().find(({ file }) => file.startsWith('02-csam'));
  if (!example) throw new Error('the csam example is gone');
  return { ...example.submission, to: 'isp.fr' };
};
const csam = async (content: Record<string, unknown>, text?: string) =>
  await make({ content, ...(text === undefined ? {} : { text }) }, csamNotice());

/** A sender names a field so. */
const NAME = 'maria_mustermann';
const IMAGE = randomBytes(900);
const DATA_URL = `data:image/jpeg;base64,${IMAGE.toString('base64')}`;

const CONTENTS: readonly (readonly [name: string, code: string, make: () => Promise<Uint8Array>])[] = [
  ['facts that ask for less time than it says', 'facts-mismatch', () => withFacts({ retentionDays: 1 })],
  ['facts that leave out a data class', 'facts-mismatch', () => withFacts({ dataClasses: [] })],
  [
    'facts of another category',
    'facts-mismatch',
    async () => {
      const malware = headerOf(await make({ content: { category: 'malware' } }));
      return await resealedWith({ facts: malware.facts, schemaSha256: malware.schemaSha256 });
    },
  ],
  ['a body encrypted to somebody else', 'decryption-failed', () => make({ encryptTo: 'hotline.fr' })],
  ["another message's body", 'recipient-mismatch', async () => await overBody(bodyOf(await make()))],
  ['a body that is no encryption', 'seal-malformed', () => overBody(Buffer.from('{"content":"in clear"}'))],
  [
    'a body that names nobody',
    'recipient-mismatch',
    () => overBody(jwe({ alg: 'ECDH-ES', enc: 'A256GCM', typ: 'entente-body' })),
  ],
  [
    'a body with another algorithm',
    'algorithm-not-allowed',
    () => overBody(jwe({ alg: 'dir', enc: 'A256GCM' })),
  ],
  [
    'a body compressed',
    'seal-malformed',
    () => overBody(jwe({ alg: 'ECDH-ES', enc: 'A256GCM', zip: 'DEF' })),
  ],
  [
    'a commitment to another content',
    'commitment-mismatch',
    () => resealedWith({ contentCommitment: randomBytes(32) }),
  ],
  [
    'a content nested ten thousand levels deep',
    'content-invalid',
    () => make({ text: `${'['.repeat(10_000)}${']'.repeat(10_000)}` }),
  ],
  [
    'a content nested in an unknown field',
    'content-invalid',
    () => make({ text: `${honestText().slice(0, -1)},"x":${'{"a":'.repeat(17)}1${'}'.repeat(17)}}` }),
  ],
  [
    'a content over its limit',
    'too-large',
    () => make({ text: JSON.stringify({ category: 'phishing', summary: 'a'.repeat(LIMITS.content) }) }),
  ],
  ['a content that is no JSON', 'content-invalid', () => make({ text: '<xml/>' })],
  [
    'a content that is not UTF-8',
    'content-invalid',
    () => make({ text: Buffer.from([0x22, 0xff, 0xfe, 0x22]) }),
  ],
  ['a content of null', 'content-invalid', () => make({ text: 'null' })],
  ['a content of no known category', 'content-invalid', () => make({ text: '{"category":"__proto__"}' })],
  ['a content with an unknown field', 'content-invalid', () => make({ content: { [NAME]: 'text' } })],
  [
    'a content with a field of the prototype',
    'content-invalid',
    () => make({ text: `${honestText().slice(0, -1)},"__proto__":{"x":1}}` }),
  ],
  [
    'a content that names a member twice',
    'content-invalid',
    () => make({ text: `${honestText().slice(0, -1)},"summary":"another"}` }),
  ],
  ['a csam report with a picture in its summary', 'content-forbidden', () => csam({ summary: DATA_URL })],
  [
    'a csam report with a picture in its evidence',
    'content-forbidden',
    () =>
      csam({
        evidence: [{ description: 'x', media_type: 'image/jpeg', payload_base64: IMAGE.toString('base64') }],
      }),
  ],
  [
    'a csam report with a picture in an unknown field',
    'content-forbidden',
    () => csam({ [NAME]: { data: IMAGE.toString('base64url') } }),
  ],
  [
    'a csam report with a picture as hexadecimal digits',
    'content-forbidden',
    () => csam({ summary: IMAGE.toString('hex') }),
  ],
  [
    'a csam report with a picture behind a repeated member',
    'content-invalid',
    () =>
      csam(
        {},
        JSON.stringify(csamNotice().content).replace('"summary":', `"summary":"${DATA_URL}","summary":`),
      ),
  ],
];

describe('the receiving edge refuses, keeps nothing, and tells the sender under its seal and on both logs', () => {
  it.each(CONTENTS)('%s', async (_name, code, forge) => {
    const envelope = await forge();
    const hash = messageHash(wire.envelope.decode(envelope).seal);
    await hotline.handIn(envelope);
    const { from, evidence, code: told, records } = await hotline.statementOn(hash);
    expect({ from, evidence, told }).toEqual({ from: 'isp.fr', evidence: 'not-delivered', told: code });
    const event = code === 'facts-mismatch' ? 'violation' : 'evidence';
    expect(records.map((record) => `${record.nation} ${record.event} ${record.stage}`)).toEqual([
      `FR ${event} leave`,
      `DE ${event} enter`,
    ]);
    const { refused } = await net.client('isp.fr').refused();
    expect(refused[0]).toMatchObject({ code, sender: 'hotline.de' });
    expect(await received(net, 'isp.fr')).toEqual([]);
  });
});

describe('the name that a sender gives to an unknown field', () => {
  it('is neither kept nor logged with the refusal: nobody could erase it', async () => {
    const { refused } = await net.client('isp.fr').refused();
    expect(refused.filter(({ detail }) => detail.includes('unknown field'))).not.toEqual([]);
    expect(JSON.stringify(refused)).not.toContain(NAME);
    const lines = logLines(net.home, 'isp.fr');
    expect(lines.filter(({ code }) => code === 'content-forbidden')).not.toEqual([]);
    expect(JSON.stringify(lines)).not.toContain(NAME);
  });
});

describe('a false declaration', () => {
  it('is an alarm at both gates', async () => {
    for (const gate of ['gate.fr', 'gate.de']) {
      const alarms = await waitFor(`three alarms at ${gate}`, async () => {
        const all = logLines(net.home, gate).filter(({ message }) =>
          String(message).startsWith('ALARM: violation'),
        );
        return all.length >= 3 ? all : undefined;
      });
      expect(alarms[0]).toMatchObject({ sender: 'hotline.de', recipient: 'isp.fr' });
    }
  });
});

describe('a case', () => {
  it('of two others cannot be entered by naming it', async () => {
    const { id, case_id } = await net.client('hotline.fr').send(phishingNotice('isp.fr'));
    await waitFor('the case', async () => (await received(net, 'isp.fr')).includes(id) || undefined);
    const intoCase = await make({ header: { caseId: case_id } });
    const asReply = await make({ header: { inReplyTo: id } });
    for (const envelope of [intoCase, asReply]) {
      await hotline.handIn(envelope);
      const hash = messageHash(wire.envelope.decode(envelope).seal);
      expect(await hotline.statementOn(hash)).toMatchObject({
        evidence: 'not-delivered',
        code: 'case-unknown',
      });
    }
    expect((await net.client('isp.fr').case(case_id)).received.map(({ from }) => from)).toEqual([
      'hotline.fr',
    ]);
  });

  it('of its own takes a second message, and no answer to a message that never was', async () => {
    const caseId = newId();
    const [first, second] = [await make({ header: { caseId } }), await make({ header: { caseId } })];
    const answer = await make({ header: { caseId, inReplyTo: newId() } });
    for (const [envelope, evidence] of [
      [first, 'delivered'],
      [second, 'delivered'],
      [answer, 'not-delivered'],
    ] as const) {
      await hotline.handIn(envelope);
      const hash = messageHash(wire.envelope.decode(envelope).seal);
      expect((await hotline.statementOn(hash)).evidence).toBe(evidence);
    }
    expect((await net.client('isp.fr').case(caseId)).received).toHaveLength(2);
  });

  it('leaves logs that verify', async () => {
    expect((await verifyLedgers(net.home)).map(({ faults }) => faults)).toEqual([[], []]);
  });
});

describe('a seal without its body', () => {
  const sealOf = (envelope: Uint8Array) => withBody(envelope, new Uint8Array());
  const hashOf = (envelope: Uint8Array) => messageHash(wire.envelope.decode(envelope).seal);
  const statementsAfter = async (envelope: Uint8Array, count: number) =>
    await waitFor(`${count} statements`, async () => {
      const all = hotline.statementsOn(hashOf(envelope));
      // A gate or an edge that stood still meanwhile is given the same once more, and says it once more.
      const said = all.slice(0, count).map(({ evidence, code }) => ({ evidence, code }));
      return said.length === count ? said : undefined;
    });

  it.each<[string, () => Promise<Uint8Array>, object]>([
    ['delivered', () => make(), { evidence: 'delivered', code: '' }],
    [
      'refused by its recipient',
      () => withFacts({ retentionDays: 1 }),
      { evidence: 'not-delivered', code: 'facts-mismatch' },
    ],
  ])('of what was %s brings that word again, and delivers nothing', async (_, message, said) => {
    const envelope = await message();
    await hotline.handIn(envelope);
    await statementsAfter(envelope, 1);
    const before = await received(net, 'isp.fr');
    await hotline.handIn(sealOf(envelope));
    expect(await statementsAfter(envelope, 2)).toEqual([said, said]);
    expect(await received(net, 'isp.fr')).toEqual(before);
  });

  it('sent ahead of its message keeps that from nothing', async () => {
    const envelope = await make();
    expect(await hotline.noticeOn(sealOf(envelope))).toBe('body-mismatch');
    await hotline.handIn(envelope);
    expect((await hotline.statementOn(hashOf(envelope))).evidence).toBe('delivered');
  });
});
