import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { auditLog, chooseLog, type EdgeClient, paths, readCase, runProgram } from '@entente/cli';
import { wire } from '@entente/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessesOf, anchorAccesses } from '../kit/accesses.js';
import { planWithAuditors } from '../kit/auditors.js';
import { notice, sendReferral } from '../kit/case-work.js';
import { openToHarm } from '../kit/harm.js';
import { callEdge, handIn } from '../kit/holds.js';
import { startTestNetwork, type TestNetwork } from '../kit/network.js';
import { capturePrinted } from '../kit/printed.js';
import { sealedStatement } from '../kit/sealed-statement.js';
import { logEntriesOf } from '../kit/state.js';
import { waitFor } from '../kit/wait.js';

const NAME = 'Maria Müstermann';
const WHY = 'The regulator has asked for it, file 17/26';
const [HOTLINE, ISP, AUDITOR, ABROAD] = ['hotline.de', 'isp.de', 'auditor.de', 'auditor.fr'] as const;
const { KIND_ANCHOR, KIND_INSPECT } = wire.Kind;

let net: TestNetwork;
let sent: { readonly id: string; readonly caseId: string };
beforeAll(async () => {
  net = await startTestNetwork(planWithAuditors(), [ABROAD]);
  sent = await sendReferral(net, HOTLINE, { ...notice(ISP), actor: NAME });
});
afterAll(async () => await net?.stop());

const printed = capturePrinted();

const run = async (...args: string[]) => await runProgram([...args, '--home', net.home.dir]);
const inspect = async (of: string, message = sent.id, member: string = AUDITOR) => {
  printed.text = '';
  const exit = await run(
    ...['inspect', message, '--of', of, '--member', member, '--reason', 'sample', '--json'],
    ...['--justification', WHY, '--wait', '180'],
  );
  return { exit, ...(JSON.parse(printed.text || '{}') as Inspected) };
};
type Inspected = Partial<Awaited<ReturnType<EdgeClient['inspection']>>>;

const logged = (nation: string, event: string) => logEntriesOf(net.home, nation, event);
const hashOf = async (id: string) =>
  (await logged('DE', 'crossing')).find(({ header }) => header.id === id)?.record.messageHash ??
  new Uint8Array();

describe('who sent it', () => {
  it('stands in the log as a pseudonym, which its own member resolves and nobody else', async () => {
    const actor = (await logged('DE', 'crossing'))[0]?.header.actor ?? '';
    expect(actor).toMatch(/^pn:[0-9a-f]{32}$/);
    expect(await run('actor', 'resolve', actor, '--member', HOTLINE, '--json')).toBe(0);
    expect(JSON.parse(printed.text)).toEqual({ pseudonym: actor, name: NAME });
    expect(await run('actor', 'resolve', actor, '--member', ISP)).toBe(1);
    expect(
      (await accessesOf(net, HOTLINE)).some(({ what, detail }) => what === 'resolve' && detail === actor),
    ).toBe(true);
  });

  it('is in no file of another than its member', () => {
    const { dir } = net.home;
    const folders = [paths.ledger(dir, 'DE'), paths.edge(dir, ISP), paths.edge(dir, AUDITOR)];
    const files = folders.flatMap((folder) =>
      readdirSync(folder)
        .filter((name) => name.includes('sqlite'))
        .map((name) => join(folder, name)),
    );
    expect(files.length).toBeGreaterThan(2);
    expect(files.filter((file) => readFileSync(file).includes('Maria'))).toEqual([]);
  });

  it('is not laid on another: a pseudonym that this edge has not made is refused', async () => {
    const actor = (await logged('DE', 'crossing'))[0]?.header.actor;
    const foreign = { ...notice(HOTLINE), to_role: 'hotline', from_role: 'hosting', actor };
    expect(await callEdge(net, ISP, '/v1/referrals', foreign)).toMatchObject({
      status: 422,
      body: { error: { code: 'content-invalid' } },
    });
  });

  it('is a program where a program says it by itself', async () => {
    expect((await logged('DE', 'evidence')).map(({ header }) => header.actor)).toContain('system');
  });
});

describe('the log of accesses', () => {
  it('knows who has viewed, opened and exported a case, and why', async () => {
    const case_id = sent.caseId;
    await run('case', case_id, '--member', ISP, '--actor', NAME, '--justification', WHY);
    await net.client(ISP).evidenceFile(case_id, true);
    const seen = (await accessesOf(net, ISP)).filter((entry) => entry.case_id === case_id);
    expect(seen.map(({ what }) => what)).toEqual(['view', 'open', 'export']);
    expect(seen[0]).toMatchObject({ actor: expect.stringMatching(/^pn:/), justification: WHY });
    expect(seen[2]?.detail).toContain('what was said');
  });

  it('is not asked who when nothing is shown, and shows no case to nobody', async () => {
    const { httpPort = 0 } = net.home.nations[0]?.members.find(({ id }) => id === ISP) ?? {};
    const authorization = `Bearer ${readFileSync(paths.secret(net.home.dir, ISP, 'http.token'), 'utf8').trim()}`;
    const get = async (path: string, headers: Record<string, string> = {}) => {
      const url = `http://127.0.0.1:${httpPort}${path}`;
      const answer = await fetch(url, { headers: { authorization, ...headers } });
      return [answer.status, ((await answer.json()) as { error?: { code: string } }).error?.code];
    };
    for (const path of [`/v1/cases/${sent.caseId}`, `/v1/cases/${sent.caseId}/evidence`, '/v1/access'])
      expect(await get(path)).toEqual([400, 'actor-missing']);
    for (const name of ['%', '%00', 'a'.repeat(121), '%0A'])
      expect(await get('/v1/access', { 'entente-actor': name })).toEqual([400, 'actor-malformed']);
    expect(await get('/v1/access', { 'entente-actor': `pn:${'0'.repeat(32)}` })).toEqual([
      422,
      'content-invalid',
    ]);
    expect((await get('/v1/inbox'))[0]).toBe(200);
  });

  it('goes on record, and its entries hold against that', async () => {
    await anchorAccesses(net, ISP);
    expect(await run('access', 'verify', '--member', ISP)).toBe(0);
    expect(await run('access', 'show', '--member', ISP, '--names')).toBe(0);
    expect(printed.text).toContain(NAME);
    const of = async (caseId: string) => await run('access', 'show', '--member', ISP, '--case', caseId);
    const nobodys = '0'.repeat(32);
    expect([await of(nobodys), await of('nope')]).toEqual([0, 2]);
    expect(printed.text).toContain(`The log of ${ISP} has no entry about the case ${nobodys}.`);
    expect(printed.text).not.toContain('Not shown');
  });

  it('in which an entry was changed or taken out, does not', async () => {
    const path = join(paths.edge(net.home.dir, ISP), 'edge.sqlite');
    const database = openToHarm(path);
    try {
      const [first] = database.prepare('SELECT entry FROM access WHERE idx = 0').all();
      const change = database.prepare('UPDATE access SET entry = ? WHERE idx = 0');
      change.run('{}');
      printed.text = '';
      expect(await run('access', 'verify', '--member', ISP)).toBe(1);
      expect(printed.text).toContain('FAULT entry-changed');
      change.run('');
      expect(await run('access', 'show', '--member', ISP)).toBe(0);
      expect(printed.text).toContain('Not shown: 1 entry whose time is over, of whatever case.');
      change.run(first?.entry as string);
      database.prepare('UPDATE access SET idx = -1 WHERE idx = 1').run();
      printed.text = '';
      expect(await run('access', 'verify', '--member', ISP)).toBe(1);
      expect(printed.text).toContain('FAULT entry-missing');
      database.prepare('UPDATE access SET idx = 1 WHERE idx = -1').run();
    } finally {
      database.close();
    }
    expect(await run('access', 'verify', '--member', ISP)).toBe(0);
  });
});

describe('an auditor', () => {
  it('is shown a message by either end, and sees that it is what was sealed', async () => {
    for (const of of [HOTLINE, ISP]) {
      const seen = await inspect(of);
      expect(seen).toMatchObject({ exit: 0, result: 'match' });
      expect(seen.content).toContain('"category":"csam"');
    }
  });

  it('is in the log of the nation, and in that of who was asked, with the reason', async () => {
    const said = (await logged('DE', 'inspect')).map(({ header }) => header.statement?.inspection);
    expect(said.filter((word) => word === 'asked')).toHaveLength(2);
    await waitFor(
      'the answers on record',
      async () => (await logged('DE', 'inspect')).length === 4 || undefined,
    );
    const [entry, ...more] = (await accessesOf(net, HOTLINE)).filter(({ what }) => what === 'inspect');
    expect(more).toEqual([]);
    expect(entry).toMatchObject({
      actor: expect.stringMatching(/^auditor\.de\/pn:/),
      ...{ case_id: sent.caseId, justification: 'sample', detail: 'opened' },
    });
    const told = (await readCase([chooseLog({ home: net.home.dir, nation: 'DE' })], sent.caseId)).entries.map(
      ({ says }) => says,
    );
    expect(told).toEqual(expect.arrayContaining(['inspection-asked', 'inspection-opened']));
    expect(await run('explain', sent.id, '--lang', 'de')).toBe(0);
    expect(printed.text).toContain('der Aufsicht vorgelegt');
  });

  it('is shown a justification, of which the log holds a commitment', async () => {
    const opened = await waitFor('evidence of retrieval', async () =>
      (await logged('DE', 'evidence')).find(({ header }) => header.statement?.evidence === 'retrieved'),
    );
    expect(opened.header.justificationCommitment).toHaveLength(32);
    expect(await inspect(ISP, opened.header.id)).toMatchObject({
      ...{ result: 'match', content: '', justified: 'opened', justification: WHY },
    });
  });

  it('is told what an edge does not have', async () => {
    const asked = { of: ISP, case_id: sent.caseId, message_id: sent.id, message_hash: 'ab'.repeat(32) };
    const { id } = await net.client(AUDITOR).inspect({ ...asked, reason: 'complaint' });
    const seen = await waitFor('an answer', async () => {
      const found = await net.client(AUDITOR).inspection(id);
      return found.result === '' ? undefined : found;
    });
    expect(seen).toMatchObject({ result: 'unknown', content: '' });
  });

  it('is told what is erased, and is not shown what is left', async () => {
    const taken = await sendReferral(net, HOTLINE, notice(ISP));
    expect(await inspect(ISP, taken.id)).toMatchObject({ result: 'match' });
    await net.client(HOTLINE).update(taken.caseId, {
      ...{ update: 'recall', recall_ground: 'mistake', remove_copy: true },
    });
    await waitFor('the copy is gone', async () => {
      const [copy] = (await net.client(ISP).case(taken.caseId)).received;
      return copy?.copy_removed_at ?? undefined;
    });
    expect(await inspect(ISP, taken.id)).toMatchObject({ exit: 1, result: 'erased', content: '' });
    const erasure = (await accessesOf(net, ISP)).find(
      (one) => one.message_id === taken.id && one.what === 'erasure',
    );
    expect(erasure).toMatchObject({ case_id: taken.caseId, detail: 'recalled' });
    expect(erasure?.actor).toMatch(/^hotline\.de\/pn:/);
  });

  it('is not whoever says so', async () => {
    expect(await inspect(HOTLINE, sent.id, ISP)).toMatchObject({ exit: 1 });
    await refused({ from: ISP, fromRole: 'hosting', to: HOTLINE }, 'DE', 'inspect-not-allowed');
    await refused({ from: ISP, fromRole: 'auditor', to: HOTLINE }, 'DE', 'role-not-held');
  });

  it('of another nation is refused at its own border', async () => {
    await refused({ from: ABROAD, fromRole: 'auditor', to: HOTLINE }, 'FR', 'inspect-not-allowed');
  });

  it('who asks the same again is answered the same, and it is logged once', async () => {
    const database = openToHarm(join(paths.edge(net.home.dir, AUDITOR), 'edge.sqlite'));
    const request = database
      .prepare(`SELECT envelope FROM request WHERE kind = 'inspect' ORDER BY created_ms LIMIT 1`)
      .get();
    database.close();
    for (let i = 0; i < 3; i++) await handIn(net, AUDITOR, request?.envelope as Uint8Array);
    await sendReferral(net, HOTLINE, notice(ISP));
    const inspected = (await accessesOf(net, HOTLINE)).filter(({ what }) => what === 'inspect');
    expect(inspected).toHaveLength(1);
    expect((await logged('DE', 'inspect')).filter(({ header }) => header.to === HOTLINE)).toHaveLength(1);
  });

  const refused = async (
    parties: { from: string; fromRole: string; to: string },
    nation: string,
    code: string,
  ) => {
    const about = [{ messageId: sent.id, messageHash: await hashOf(sent.id), code: 'sample' }];
    const statement = { inspection: 'asked', about };
    const claim = { ...parties, toRole: 'hotline', kind: KIND_INSPECT, statement };
    const { id, envelope } = await sealedStatement(net, claim);
    await handIn(net, parties.from, envelope);
    const entry = await waitFor('a refusal on record', async () =>
      (await logged(nation, 'rejection')).find(({ header }) => header.id === id),
    );
    expect(entry.record.verdict?.code).toBe(code);
  };
});

describe('a member that has its access log rewritten', () => {
  it('is found by every audit of the log, from its anchors alone', async () => {
    const source = chooseLog({ home: net.home.dir, nation: 'DE' });
    expect((await auditLog(source, { verdicts: true })).faults).toEqual([]);
    await anchorAccesses(net, HOTLINE);
    const { size } = (await net.client(HOTLINE).access(0)).anchors[0] ?? { size: 0 };
    const forged = { size: size + 1, root: Buffer.alloc(32, 7), oldSize: 0, consistency: [] };
    const parties = { from: HOTLINE, fromRole: 'hotline', to: HOTLINE, toRole: 'hotline' };
    const before = (await logged('DE', 'access-anchor')).length;
    for (const access of [forged, { ...forged, size: 1 }]) {
      const claim = { ...parties, kind: KIND_ANCHOR, statement: { access } };
      await handIn(net, HOTLINE, (await sealedStatement(net, claim)).envelope);
    }
    await waitFor(
      'both on record',
      async () => (await logged('DE', 'access-anchor')).length >= before + 2 || undefined,
    );
    const { faults } = await auditLog(source, { verdicts: true });
    const found = faults.map(({ code, saidBy }) => [code, saidBy]).sort();
    expect(found).toEqual([
      ['access-log-shrank', HOTLINE],
      ['access-log-unproved', HOTLINE],
    ]);
  });

  it('answers for that itself: the log and its gate are found without fault, unless words of members are asked for', async () => {
    printed.text = '';
    expect(await run('audit', 'replay', '--nation', 'DE')).toBe(0);
    expect(printed.text).toMatch(/^MEMBER hotline.de entry \d+ access-log-unproved: hotline.de: it proves/m);
    expect(printed.text).toContain('  nothing speaks against it\n  2 words of members that do not hold');
    expect(printed.text).not.toContain('FAULT');
    expect(await run('audit', 'replay', '--nation', 'DE', '--strict')).toBe(1);
    // Nobody asks there who has signed it.
    expect(await run('policy', 'replay', '--nation', 'DE')).toBe(1);
    printed.text = '';
    expect(await run('access', 'verify', '--member', HOTLINE)).toBe(1);
    expect(printed.text).toContain('FAULT entry-changed');
  });
});
