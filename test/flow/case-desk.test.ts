import { join } from 'node:path';
import { EdgeRefusal, examplePlan, runProgram } from '@entente/cli';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { arrived, notice, referralOf, removed, say, sendReferral } from '../kit/case-work.js';
import { repoRoot } from '../kit/examples.js';
import { startTestNetwork, type TestNetwork } from '../kit/network.js';
import { capturePrinted } from '../kit/printed.js';
import { waitFor } from '../kit/wait.js';

let net: TestNetwork;
beforeAll(async () => {
  const { name, nations } = examplePlan();
  net = await startTestNetwork({ name, nations: nations.slice(0, 2) });
});
afterAll(async () => await net?.stop());

const HOTLINE = 'hotline.de';
const ISP = 'isp.fr';
const send = () => sendReferral(net, HOTLINE, notice(ISP));
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'accepted',
    (error: unknown) => (error instanceof EdgeRefusal ? `${error.status} ${error.code}` : String(error)),
  );

describe('an emergency', () => {
  it('has a clock that ends when its recipient says that it was reviewed, at both ends; a hotline cannot extend it', async () => {
    const { content, ...parties } = notice(ISP);
    const urgent = { ...(content as object), urgency: 'emergency' };
    const { caseId } = await sendReferral(net, HOTLINE, { ...parties, content: urgent });
    await say(net, ISP, caseId, removed('i1', 'i2'));
    const clock = async (member: string) =>
      (await referralOf(net, member, caseId)).clocks.find((one) => one.clock === 'emergency-review');
    expect(await clock(ISP)).toMatchObject({ due_at: expect.any(String), met_at: null });
    const about = { clock: 'emergency-review', text: 'Two of us have looked at it.' };
    await expect(
      net.client(HOTLINE).update(caseId, { ...about, update: 'extend', minutes: 9999 }),
    ).rejects.toThrow('extended by nobody');
    await say(net, ISP, caseId, { ...about, update: 'review', finding: 'upheld' });
    const kept = { met_at: expect.any(String), is_overdue: false };
    expect(await clock(ISP)).toMatchObject(kept);
    expect(await clock(HOTLINE)).toEqual(await clock(ISP));
  });
});

describe('the edge', () => {
  it('does not let a desk say what cannot be said, and names what can', async () => {
    const { caseId } = await send();
    const client = net.client(ISP);
    expect(await codeOf(client.update(caseId, { update: 'recall', recall_ground: 'mistake' }))).toBe(
      '409 not-possible',
    );
    await expect(client.update(caseId, { update: 'close' })).rejects.toThrow(/accept, reject/);
    expect(await codeOf(client.update(caseId, { update: 'outcome' }))).toBe('422 content-invalid');
    expect(await codeOf(client.update('f'.repeat(32), { update: 'accept' }))).toBe('404 not-found');
    expect(await codeOf(client.update(caseId, { update: 'shrug' }))).toBe('400 bad-request');
    expect(await codeOf(client.update(caseId, { update: 'accept', in_reply_to: 'f'.repeat(32) }))).toBe(
      '409 not-possible',
    );
    const content = { ...notice().content, update: 'accept' };
    expect(await codeOf(client.send({ ...notice(HOTLINE), content }))).toBe('422 content-invalid');
  });

  it('takes the same request twice as one, also after it is not possible any more', async () => {
    const { caseId } = await send();
    const client = net.client(ISP);
    const update = { update: 'reject', ground: 'not-competent', text: 'Not ours.' };
    const first = await client.update(caseId, update, 'key-1');
    await arrived(net, ISP, first.id);
    expect((await client.update(caseId, update, 'key-1')).id).toBe(first.id);
    expect(await codeOf(client.update(caseId, { ...update, text: 'Other.' }, 'key-1'))).toBe(
      '409 idempotency-conflict',
    );
  });
});

describe('the command', () => {
  const printed = capturePrinted();

  it('escalates to an authority what nobody has acted on, which both read', async () => {
    const { caseId } = await send();
    const args = ['--member', HOTLINE, '--home', net.home.dir];
    const words = ['--to', 'ministry.de', '--necessity', 'The host has not answered.', '--wait', '180'];
    expect(await runProgram(['escalate', caseId, ...words, ...args])).toBe(0);
    const there = (await net.client('ministry.de').inbox()).messages[0];
    expect(there).toMatchObject({ from: HOTLINE, action: 'assess', update: '' });
    expect(printed.text).toContain(`escalated to ministry.de: delivered\n  case ${there?.case_id}`);
    await waitFor('the host to be told', async () =>
      (await referralOf(net, ISP, caseId)).is_escalated ? true : undefined,
    );
    printed.text = '';
    expect(await runProgram(['case', caseId, ...args])).toBe(0);
    expect(printed.text).toContain(`escalated\n  sent on as case ${there?.case_id}`);
  });

  it('names the case of what was sent when it sends it, and in the list of what was sent', async () => {
    const home = ['--home', net.home.dir];
    const example = join(repoRoot, 'examples/17-malware-provider-to-provider.json');
    expect(await runProgram(['send', example, '--wait', '180', ...home])).toBe(0);
    const [sent] = (await net.client('isp.de').messages()).messages;
    expect(printed.text).toContain(`id ${sent?.id}, case ${sent?.case_id}`);
    printed.text = '';
    expect(await runProgram(['inbox', '--sent', '--member', 'isp.de', ...home])).toBe(0);
    expect(printed.text).toMatch(new RegExp(`^${sent?.id} +${sent?.case_id} +isp\\.fr`, 'm'));
  });
});
