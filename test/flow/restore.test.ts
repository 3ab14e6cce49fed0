import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { paths, runProgram, verifyLedgers } from '@entente/cli';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { arrived, notice, sendReferral } from '../kit/case-work.js';
import { startTestNetwork, type TestNetwork } from '../kit/network.js';
import { capturePrinted } from '../kit/printed.js';

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
  const copy = join(net.home.dir, 'backup.sqlite');
  const args = ['backup', '--member', HOTLINE, '--out', copy, '--home', net.home.dir];
  expect(await runProgram(args), printed.text).toBe(0);
  expect(await runProgram(args)).toBe(2);

  await net.network.kill(HOTLINE);
  const data = paths.edge(net.home.dir, HOTLINE);
  rmSync(data, { recursive: true });
  await net.network.restart(ISP);
  // As its operator does: into an empty folder, under the name of the original, before the start.
  mkdirSync(data, { mode: 0o700 });
  copyFileSync(copy, join(data, 'edge.sqlite'));
  await net.network.restart(HOTLINE);

  await arrived(net, HOTLINE, waiting.id);
  expect((await net.client(HOTLINE).send(notice(ISP), 'the-key')).id).toBe(waiting.id);
  const { messages } = await net.client(ISP).inbox();
  expect(messages.filter(({ id }) => id === waiting.id)).toHaveLength(1);
  expect((await net.client(HOTLINE).case(before)).referrals).toHaveLength(1);
  expect((await verifyLedgers(net.home)).every(({ faults }) => faults.length === 0)).toBe(true);
});
