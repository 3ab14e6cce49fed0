import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '@entente/cli';
import { nationOf } from '@entente/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { examples, type Submission } from '../kit/examples.js';
import { ended as endOf } from '../kit/holds.js';
import { startTestNetwork, type TestNetwork } from '../kit/network.js';
import { capturePrinted } from '../kit/printed.js';
import { logSize } from '../kit/state.js';

const printed = capturePrinted();
let net: TestNetwork;
beforeAll(async () => {
  net = await startTestNetwork();
});
afterAll(async () => await net?.stop());

/** A referral between hotlines that names a witness, and a reporter who did not agree to be named. */
function withWitness(): Submission {
  const example = examples().find(({ file }) => file.startsWith('04-'));
  if (!example) throw new Error('the example is gone');
  const witness = { id: 'w1', name: 'Wim Example', contact: 'wim@example.net' };
  const content = { ...example.submission.content, people: { witnesses: [witness] } };
  return { ...example.submission, to: 'hotline.fr', content };
}

const ended = async (id: string) => await endOf(net, id, 'hotline.de');

describe('a preview', () => {
  it('says what would go and why, and sends, keeps and logs nothing', async () => {
    const before = await Promise.all(['DE', 'FR'].map((nation) => logSize(net.home, nation)));
    const shown = await net.client('hotline.de').preview(withWitness());
    expect(shown.passes).toBe(true);
    expect(shown.changes.map(({ duty, data_class }) => `${duty} ${data_class}`)).toEqual(
      expect.arrayContaining(['redact reporter.identity', 'pseudonymise witness.identity']),
    );
    for (const { rules, nation } of shown.changes) {
      expect(rules[0]?.says).not.toBe('');
      expect(['DE', 'FR']).toContain(nation);
    }
    expect(JSON.stringify(shown.content)).not.toMatch(/Wim Example|Sanne/);
    expect((await net.client('hotline.de').messages()).messages).toEqual([]);
    expect(await Promise.all(['DE', 'FR'].map((nation) => logSize(net.home, nation)))).toEqual(before);
  });

  it('is what is sent under its case, to the letter', async () => {
    const client = net.client('hotline.de');
    const shown = await client.preview(withWitness());
    const { id, case_id } = await client.send({ ...withWitness(), case_id: shown.case_id });
    expect(case_id).toBe(shown.case_id);
    expect((await ended(id)).outcome).toBe('delivered');
    const { received } = await net.client('hotline.fr').case(case_id);
    expect(received[0]?.content).toEqual(shown.content);
    const sent = await client.case(case_id);
    expect(sent.sent[0]?.content).toEqual(shown.content);
  });

  it('gives a person one pseudonym in a case, and another in the next', async () => {
    const client = net.client('hotline.de');
    const names = async (caseId?: string) => {
      const draft = caseId === undefined ? withWitness() : { ...withWitness(), case_id: caseId };
      const { content, case_id } = await client.preview(draft);
      const { people } = content as { people: { witnesses: { name: string }[] } };
      return { name: people.witnesses[0]?.name ?? '', caseId: case_id };
    };
    const first = await names();
    expect(first.name).toMatch(/^pn:[0-9a-f]{32}$/);
    expect((await names(first.caseId)).name).toBe(first.name);
    expect((await names()).name).not.toBe(first.name);
  });

  it('says what would not pass, and by which rule', async () => {
    const order = examples().find(({ file }) => file.startsWith('18-'));
    if (!order) throw new Error('the example is gone');
    const shown = await net.client('hotline.de').preview({ ...order.submission, to: 'isp.fr' });
    expect(shown.passes).toBe(false);
    const refusing = shown.verdicts.find(({ decision }) => decision === 'refuse');
    expect(refusing?.rules.length).toBeGreaterThan(0);
    expect(refusing?.nation).toBe(nationOf('hotline.de'));
  });
});

describe('while the gate of the sender does not run', () => {
  const order = examples().find(({ file }) => file.startsWith('14-'));
  const notice = { ...order?.submission, to: 'isp.fr', from_role: 'hotline' } as Submission;
  beforeAll(async () => await net.network.kill('gate.de'));
  afterAll(async () => await net.network.restart('gate.de'));

  it('whoever started the network is told its name', () => {
    expect(net.ended).toEqual(['gate.de']);
  });

  it('a preview says that it does not answer, and whose gate it is', async () => {
    const refusal = await net
      .client('hotline.de')
      .preview(notice)
      .catch((error: unknown) => error);
    expect(refusal).toMatchObject({ status: 503, code: 'gate-silent' });
    expect((refusal as Error).message).toContain('The gate of DE');
  });

  it('what is sent has no outcome yet, and it is said until when it is sent again', async () => {
    const file = join(net.home.dir, 'notice.json');
    writeFileSync(file, JSON.stringify({ from: 'hotline.de', submission: notice }));
    expect(await runProgram(['send', file, '--wait', '1', '--home', net.home.dir])).toBe(1);
    const [sent] = (await net.client('hotline.de').messages(1)).messages;
    expect(printed.text).toContain(`sent again until ${sent?.expires_at}`);
    expect(printed.text).toContain('entente inbox --member hotline.de --sent');
    expect(printed.text).not.toMatch(/^\s*: *$/m);
  });
});

describe('the deadlines of a message', () => {
  it('stand in the case at both ends, with the time by which each is due', async () => {
    const example = examples().find(({ file }) => file.startsWith('02-'));
    if (!example) throw new Error('the example is gone');
    const client = net.client('hotline.de');
    const { id, case_id } = await client.send({ ...example.submission, to: 'isp.fr' });
    expect((await ended(id)).outcome).toBe('delivered');
    const seen = await net.client('isp.fr').case(case_id);
    const [there, here] = [seen.referrals[0], (await client.case(case_id)).referrals[0]];
    if (!there || !here) throw new Error('the referral is gone');
    expect(there.clocks.length).toBeGreaterThan(0);
    expect(here.clocks).toEqual(there.clocks);
    const receivedMs = Date.parse(seen.received[0]?.received_at ?? '');
    const running = there.clocks.filter(({ starts }) => starts === 'delivered');
    expect(running.length).toBeGreaterThan(0);
    for (const { due_at, minutes } of running)
      expect(Date.parse(due_at ?? '')).toBe(receivedMs + minutes * 60_000);
    // That the user is told runs from when the host acts, which it has not.
    expect(there.clocks.filter(({ starts }) => starts === 'acted')).toMatchObject([
      { clock: 'statement-of-reasons', ends: 'told', due_at: null, is_overdue: false },
    ]);
  });
});
