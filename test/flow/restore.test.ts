import { randomUUID } from 'node:crypto';
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { paths, runProgram, type SentMessage, verifyLedgers } from '@entente/cli';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { arrived, notice, sendReferral } from '../kit/case-work.js';
import { examples } from '../kit/examples.js';
import { ended } from '../kit/holds.js';
import { startTestNetwork, type TestNetwork } from '../kit/network.js';
import { capturePrinted } from '../kit/printed.js';
import { waitFor } from '../kit/wait.js';

// The drill of docs/operate.md: a backup is taken while the edge works, its machine is lost, the backup is put back.

const printed = capturePrinted();
const [HOTLINE, ISP] = ['hotline.de', 'isp.fr'];
let net: TestNetwork;
beforeAll(async () => {
  net = await startTestNetwork();
});
afterAll(async () => await net?.stop());

it('an edge goes on from its backup: what waited is sent under its old id, and is received once', async () => {
  const { caseId: before } = await sendReferral(net, HOTLINE, notice(ISP));
  await net.network.kill(ISP);
  const waiting = await net.client(HOTLINE).send(notice(ISP), 'the-key');
  await waitFor('a seal', async () => (await stateOf(waiting.id)) === 'sent' || undefined);
  const copy = await backUp();
  expect(await runProgram(backupTo(copy))).toBe(2);
  await putBack(copy);
  await net.network.restart(ISP);

  // What the gates said after the backup, the lost edge had taken: that it was delivered ends the message without it.
  await waitFor('its delivery', async () => {
    const { outcome } = await net.client(HOTLINE).message(waiting.id);
    return outcome === 'delivered' || undefined;
  });
  expect((await net.client(HOTLINE).send(notice(ISP), 'the-key')).id).toBe(waiting.id);
  expect(await countAt(ISP, waiting.id)).toBe(1);
  expect((await net.client(HOTLINE).case(before)).referrals).toHaveLength(1);
});

it('what was sealed after the backup only is not sent twice, and its sender learns what became of it', async () => {
  await net.network.kill('gate.de');
  const draft = await net.client(HOTLINE).send(notice(ISP));
  const copy = await backUp();
  expect(await stateOf(draft.id)).toBe('draft');
  await net.network.restart('gate.de');
  await arrived(net, HOTLINE, draft.id);
  await putBack(copy);

  await arrived(net, HOTLINE, draft.id);
  const { evidence, notes } = await net.client(HOTLINE).message(draft.id);
  expect(evidence.map((one) => one.evidence).sort()).toEqual(WHOLE_WAY);
  expect(notes).toMatchObject([{ kind: 'sent-before' }]);
  printed.text = '';
  expect(await runProgram(['explain', draft.id, '--home', net.home.dir])).toBe(0);
  expect(printed.text).toContain('delivered');
  expect(await countAt(ISP, draft.id)).toBe(1);
  expect((await verifyLedgers(net.home)).every(({ faults }) => faults.length === 0)).toBe(true);
});

it.each(examples().filter(({ from, expect }) => from === HOTLINE && expect === 'refused'))(
  'what was refused after the backup is refused for the same reason, and not for its id: $file',
  async ({ submission }) => {
    await net.network.kill('gate.de');
    const draft = await net.client(HOTLINE).send(submission);
    const copy = await backUp();
    await net.network.restart('gate.de');
    const first = await ended(net, draft.id, HOTLINE);
    await putBack(copy);
    const words = first.evidence.map(({ evidence }) => evidence);
    const again = await ended(net, draft.id, HOTLINE, words);
    const saidOf = ({ outcome, code, evidence }: SentMessage) => ({
      ...{ outcome, code },
      evidence: evidence.map((one) => [one.evidence, one.source, one.code].join(' ')).sort(),
    });
    expect(saidOf(again)).toEqual(saidOf(first));
  },
);

const WHOLE_WAY = ['delivered', 'relay-accepted', 'submission-accepted'];

const stateOf = async (id: string) => (await net.client(HOTLINE).message(id)).state;

async function countAt(member: string, id: string): Promise<number> {
  const { messages } = await net.client(member).inbox();
  return messages.filter((message) => message.id === id).length;
}

const backupTo = (copy: string) => ['backup', '--member', HOTLINE, '--out', copy, '--home', net.home.dir];

async function backUp(): Promise<string> {
  const copy = join(net.home.dir, `backup-${randomUUID()}.sqlite`);
  expect(await runProgram(backupTo(copy)), printed.text).toBe(0);
  return copy;
}

/** As its operator does: into an empty folder, under the name of the original, before the start. */
async function putBack(copy: string): Promise<void> {
  await net.network.kill(HOTLINE);
  const data = paths.edge(net.home.dir, HOTLINE);
  rmSync(data, { recursive: true });
  mkdirSync(data, { mode: 0o700 });
  copyFileSync(copy, join(data, 'edge.sqlite'));
  await net.network.restart(HOTLINE);
}
