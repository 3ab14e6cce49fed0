import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { auditLog, chooseLog, chooseLogs, paths, readCase, reconcile, runProgram } from '@entente/cli';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { phishingNotice } from '../kit/examples.js';
import { ended } from '../kit/holds.js';
import { startTestNetwork, type TestNetwork } from '../kit/network.js';
import { capturePrinted } from '../kit/printed.js';
import { waitFor } from '../kit/wait.js';

const [FROM, TO] = ['hotline.de', 'isp.fr'] as const;
let net: TestNetwork;
let caseId: string;
beforeAll(async () => {
  net = await startTestNetwork();
  const sent = await net.client(FROM).send(phishingNotice(TO));
  await ended(net, sent.id, FROM);
  caseId = sent.case_id;
});
afterAll(async () => await net?.stop());

const printed = capturePrinted();

const logOf = (nation: string) => chooseLog({ home: net.home.dir, nation });

describe('what the law wants forgotten', () => {
  it('is gone within seconds of a lawful order, and every check says so and holds', async () => {
    const before = await readCase([logOf('FR')], caseId);
    expect(before.length).toBeGreaterThan(1);
    const indices = before.map(({ index }) => index);
    const home = ['--home', net.home.dir, '--nation', 'FR'];
    expect(await runProgram(['retention', 'plan', ...home])).toBe(0);
    expect(printed.text).toMatch(
      /FR: 0 erased already, 0 under legal hold {2}\(entente.example\/fr\/\d{4}\)\n {2}\d{4}-\d{2} {2}\d+ entries/,
    );
    const order = ['--reason', 'order', '--reference', 'court file 17/26'];
    expect(await runProgram(['retention', 'erase', caseId, ...order, ...home])).toBe(0);
    const file = join(paths.ledger(net.home.dir, 'FR'), 'erase', `${caseId}-0.json.done`);
    await waitFor('the order to be carried out', async () => (existsSync(file) ? true : undefined));
    expect(await readCase([logOf('FR')], caseId)).toEqual([]);
    expect(await auditLog(logOf('FR'), { verdicts: true })).toMatchObject({
      faults: [],
      erased: indices.length,
    });
    const { disagreements, directions } = await reconcile(chooseLogs({ home: net.home.dir }), { relayMs: 0 });
    expect(disagreements.filter(({ code }) => code !== 'late')).toEqual([]);
    expect(directions.find(({ from, to }) => from === 'DE' && to === 'FR')?.unknown).toBe(1);
    const { id } = await net.client(FROM).send(phishingNotice(TO));
    expect((await ended(net, id, FROM)).outcome).toBe('delivered');
  });

  it('goes from an edge on request, unless a legal hold keeps it; the request stays on record', async () => {
    const { id, case_id } = await net.client(FROM).send(phishingNotice(TO, 'words that have to go'));
    await ended(net, id, FROM);
    const member = ['--member', TO, '--home', net.home.dir];
    const why = ['--reason', 'request', '--reference', 'request 12/26'];
    const asked = async (...path: string[]) =>
      await runProgram(['retention', 'erase-case', ...path, ...why, ...member]);
    const contents = async () => JSON.stringify(await net.client(TO).case(case_id));
    expect(await asked('f'.repeat(32))).toBe(1);
    await onEdge('PUT', `/v1/cases/${case_id}/legal-hold`, { reason: 'court file 17/26' });
    expect(await asked(case_id)).toBe(1);
    expect(await contents()).toContain('words that have to go');
    await onEdge('DELETE', `/v1/cases/${case_id}/legal-hold`);
    expect(await asked(case_id)).toBe(0);
    expect(await contents()).not.toContain('words that have to go');
    const { erasures } = (await onEdge('GET', '/v1/erasures')) as { erasures: object[] };
    expect(erasures).toMatchObject([{ case_id, reason: 'request', reference: 'request 12/26', messages: 1 }]);
  });

  async function onEdge(method: string, path: string, body?: object): Promise<unknown> {
    const port = net.home.nations.flatMap(({ members }) => members).find((one) => one.id === TO)?.httpPort;
    const token = readFileSync(paths.secret(net.home.dir, TO, 'http.token'), 'utf8').trim();
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...type },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return await response.json();
  }

  it('is still known where nobody has ordered it', async () => {
    expect((await readCase([logOf('DE')], caseId)).length).toBeGreaterThan(1);
  });
});
