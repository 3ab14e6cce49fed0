import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { auditLog, chooseLog, chooseLogs, paths, readCase, reconcile, runProgram } from '@entente/cli';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { phishingNotice } from '../kit/examples.js';
import { openToHarm } from '../kit/harm.js';
import { ended } from '../kit/holds.js';
import { startTestNetwork, type TestNetwork } from '../kit/network.js';
import { capturePrinted } from '../kit/printed.js';
import { waitFor } from '../kit/wait.js';

const [FROM, TO] = ['hotline.de', 'isp.fr'] as const;
let net: TestNetwork;
let caseId: string;
let erased: { readonly id: string; readonly caseId: string };
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
    const { entries: before } = await readCase([logOf('FR')], caseId);
    expect(before.length).toBeGreaterThan(1);
    const indices = before.map(({ index }) => index);
    const home = ['--home', net.home.dir, '--nation', 'FR'];
    expect(await runProgram(['retention', 'plan', ...home])).toBe(0);
    expect(printed.text).toMatch(
      /FR: 0 erased already, 0 under legal hold {2}\(entente.example\/fr\/\d{4}; records stay 1095 days, a log that has ended 3650\)\n {2}\d{4}-\d{2} {2}\d+ entries/,
    );
    const who = ['--proposed-by', 'unit 5', '--approved-by', 'legal service', 'court 3'];
    const order = ['--reason', 'order', '--reference', 'court file 17/26', ...who];
    // What an earlier order came to is no answer to this one.
    const orders = join(paths.ledger(net.home.dir, 'FR'), 'erase');
    mkdirSync(orders, { recursive: true });
    writeFileSync(join(orders, `${caseId}-0.json.refused`), '{}');
    expect(await runProgram(['retention', 'erase', caseId, ...order, ...home])).toBe(0);
    const file = join(orders, `${caseId}-0.json.done`);
    expect(existsSync(join(orders, `${caseId}-0.json.refused`))).toBe(false);
    expect(printed.text).toContain(`done: ${file}`);
    expect(existsSync(file)).toBe(true);
    // The other nation decides for itself, and so does each member.
    expect(printed.text).toMatch(new RegExp(`log of DE has \\d+ entries .*erase ${caseId} --nation DE`));
    for (const member of [FROM, TO])
      expect(printed.text).toContain(`erase-case ${caseId} --member ${member}`);
    expect(
      await runProgram([
        'retention',
        'erase-case',
        caseId,
        '--reason',
        'whim',
        '--reference',
        'x',
        '--member',
        TO,
        '--home',
        net.home.dir,
      ]),
    ).toBe(2);
    expect((await readCase([logOf('FR')], caseId)).entries).toEqual([]);
    expect(await runProgram(['retention', 'erase', caseId, ...order, ...home])).toBe(2);
    expect(await auditLog(logOf('FR'), { verdicts: true })).toMatchObject({
      faults: [],
      erased: indices.length,
    });
    printed.text = '';
    expect(await runProgram(['audit', 'verify', ...home])).toBe(0);
    expect(printed.text).toContain(`  ${indices.length} erased: only their leaf can be checked
    ${indices.length} for order: court file 17/26
`);
    expect(await runProgram(['audit', 'changes', ...home])).toBe(0);
    expect(printed.text).toMatch(
      /erasure \(#\d+\) .*court file 17\/26\n +proposed by unit 5, approved by legal service, court 3$/m,
    );
    printed.text = '';
    expect(await runProgram(['audit', 'sample', ...home])).toBe(0);
    expect(printed.text).toMatch(/^erasure: 1 of 1\n {2}entry \d+ {2}erasure$/m);
    const logs = chooseLogs({ home: net.home.dir });
    const { disagreements, directions } = await reconcile(logs, { relayMs: 0 });
    expect(disagreements.filter(({ code }) => code !== 'late')).toEqual([]);
    expect(directions.find(({ from, to }) => from === 'DE' && to === 'FR')?.unknown).toBe(1);
    const within = (await reconcile(logs)).directions.find(({ from, to }) => from === 'DE' && to === 'FR');
    expect(within).toMatchObject({ unknown: 1, underWay: 0 });
    const { id } = await net.client(FROM).send(phishingNotice(TO));
    expect((await ended(net, id, FROM)).outcome).toBe('delivered');
  });

  it('is planned for each edge as well, by what that edge and its log run with', async () => {
    const home = ['--home', net.home.dir];
    printed.text = '';
    expect(await runProgram(['retention', 'plan', ...home, '--json'])).toBe(0);
    const { plans, gates, edges } = JSON.parse(printed.text) as Planned;
    expect(gates).toEqual(
      ['DE', 'FR'].map((nation) => ({ nation, quarantine_days: 30, months: [], held: 0 })),
    );
    expect(plans.map(({ nation, days, logDays }) => [nation, days, logDays])).toEqual([
      ['DE', 1095, 3650],
      ['FR', 1095, 3650],
    ]);
    const month = (inDays: number) => new Date(Date.now() + inDays * 86_400_000).toISOString().slice(0, 7);
    const { retention_days: contentDays } = phishingNotice(TO).content;
    for (const member of [FROM, TO]) {
      const [first] = edges.filter((edge) => edge.member === member).flatMap(({ months }) => months);
      expect(first?.month).toBe(month(Number(contentDays)));
      expect(first?.contents).toBeGreaterThan(0);
    }
    expect(edges.map(({ member }) => member).sort()).toEqual([
      'hotline.de',
      'hotline.fr',
      'isp.de',
      'isp.fr',
    ]);
    printed.text = '';
    expect(await runProgram(['retention', 'plan', ...home, '--nation', 'FR', '--days', '90'])).toBe(0);
    expect(printed.text).toContain('records stay 90 days, a log that has ended 3650');
    expect(printed.text).toContain(
      `${TO}: each content stays as long as its referral says, what proves it 1095`,
    );
    expect(printed.text).not.toContain(FROM);
  });

  it('is planned over HTTP, for a log and for an edge, by whoever has their tokens', async () => {
    const address = `http://127.0.0.1:${net.home.nations[1]?.members.find(({ id }) => id === TO)?.httpPort}`;
    const token = paths.secret(net.home.dir, TO, 'http.token');
    printed.text = '';
    expect(await runProgram(['retention', 'plan', '--edge', address, '--edge-token', token])).toBe(0);
    expect(printed.text).toMatch(
      new RegExp(`^${TO}: each content stays .*\n {2}\\d{4}-\\d{2} {2}\\d+ content`),
    );
    printed.text = '';
    expect(await runProgram(['retention', 'plan', '--member', TO, '--home', net.home.dir])).toBe(0);
    expect(printed.text).toMatch(new RegExp(`^${TO}: each content stays `));
    const wrong = paths.secret(net.home.dir, FROM, 'http.token');
    expect(await runProgram(['retention', 'plan', '--edge', address, '--edge-token', wrong])).toBe(1);
    expect(printed.text).toContain(`${address}: NOT REACHED: `);
    expect(await runProgram(['retention', 'plan', '--edge', address])).toBe(2);
    expect(await runProgram(['retention', 'plan', '--edge', 'http://a.example', '--edge-token', token])).toBe(
      2,
    );
    printed.text = '';
    const log = [
      '--log',
      `http://127.0.0.1:${net.home.logPorts?.FR}`,
      '--nation',
      'FR',
      '--vkey',
      logOf('FR').vkey,
    ];
    const auditor = paths.secret(net.home.dir, 'services.fr', 'auditor.token');
    expect(await runProgram(['retention', 'plan', ...log, '--token-file', auditor])).toBe(0);
    expect(printed.text).toContain('records stay 1095 days, a log that has ended 3650');
  });

  it('goes from an edge on request, unless a legal hold keeps it; the request stays on record', async () => {
    const { id, case_id } = await net.client(FROM).send(phishingNotice(TO, 'words that have to go'));
    await ended(net, id, FROM);
    const member = ['--member', TO, '--home', net.home.dir];
    const units = ['--proposed-by', 'unit 4', '--approved-by', 'legal service', 'court 2'];
    const why = [
      '--reason',
      'request',
      '--reference',
      'request 12/26',
      ...units,
      '--actor',
      'Maria Mustermann',
    ];
    const asked = async (...path: string[]) =>
      await runProgram(['retention', 'erase-case', ...path, ...why, ...member]);
    const contents = async () => JSON.stringify(await net.client(TO).case(case_id));
    expect(await asked('f'.repeat(32))).toBe(1);
    const hold = ['retention', 'hold', case_id, '--actor', 'desk', ...member];
    expect(await runProgram(hold)).toBe(2);
    expect(await runProgram([...hold, '--reason', 'court file 17/26'])).toBe(0);
    const errors = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    expect(await asked(case_id)).toBe(1);
    // What it says to do is a command that does it.
    const [, command = ''] = /`npx entente (.+)`/.exec(errors.mock.calls.join()) ?? [];
    errors.mockRestore();
    expect(await contents()).toContain('words that have to go');
    const end = [...command.split(' '), '--actor', 'desk', '--home', net.home.dir];
    expect(await runProgram([...end, '--proposed-by', 'unit 5'])).toBe(0);
    expect(await runProgram([...hold, '--end'])).toBe(1);
    expect(await asked(case_id)).toBe(0);
    expect(await contents()).not.toContain('words that have to go');
    expect(printed.text).toContain('1 content erased, and what proved 1 message');
    const out = join(net.home.dir, 'erased.evidence');
    const silent = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    expect(await runProgram(['evidence', 'export', case_id, '--out', out, ...member])).toBe(1);
    expect(silent.mock.calls.join()).toContain('is erased');
    silent.mockRestore();
    // The other end decides for itself, and hears no more of it than before.
    expect(await runProgram(['evidence', 'export', case_id, '--out', out, '--member', FROM, ...home()])).toBe(
      0,
    );
    printed.text = '';
    expect(await runProgram(['case', case_id, ...member])).toBe(0);
    expect(printed.text).toContain('our copy erased');
    expect(printed.text).not.toContain('taken back');
    const { erasures } = (await onEdge('/v1/erasures')) as { erasures: object[] };
    expect(erasures).toMatchObject([{ case_id, reason: 'request', reference: 'request 12/26', messages: 1 }]);
    erased = { id, caseId: case_id };
  });

  it('is in the log of accesses of that edge: what kept it, who had it erased, and that; an anchor covers it', async () => {
    const member = ['--member', TO, '--home', net.home.dir];
    await waitFor('an anchor on record', async () => {
      const { entries, anchors } = await net.client(TO).access(0);
      const last = entries.findLast(({ entry }) => entry.includes('"what":"erasure"'))?.index;
      if (anchors.some(({ state, size }) => state === 'logged' && size > (last ?? size))) return true;
      await net.client(TO).anchorAccess();
      return undefined;
    });
    printed.text = '';
    expect(await runProgram(['access', 'show', '--case', erased.caseId, '--names', ...member])).toBe(0);
    const lines = printed.text.split('\n').map((line) => line.replace(/^\d+ {2}\S+ {2}/, ''));
    const about = `case ${erased.caseId}`;
    expect(lines.filter((line) => /^(legal-hold|erasure)/.test(line))).toEqual([
      `legal-hold     desk  ${about}, by court file 17/26`,
      `legal-hold-end desk  ${about}, proposed by unit 5`,
      `erasure-order  Maria Mustermann  ${about}, request, by request 12/26, proposed by unit 4, approved by legal service, court 2`,
      `erasure        Maria Mustermann  ${about}, message ${erased.id}, request, by request 12/26`,
    ]);
    expect(await runProgram(['access', 'verify', ...member])).toBe(0);
    const database = openToHarm(join(paths.edge(net.home.dir, TO), 'edge.sqlite'));
    const change = database.prepare('UPDATE access SET entry = replace(entry, ?, ?)');
    try {
      change.run('request 12/26', 'request 13/26');
      printed.text = '';
      expect(await runProgram(['access', 'verify', '--json', ...member])).toBe(1);
      expect(JSON.parse(printed.text).findings[0].code).toBe('entry-changed');
      change.run('request 13/26', 'request 12/26');
    } finally {
      database.close();
    }
    expect(await runProgram(['access', 'verify', ...member])).toBe(0);
  });

  const home = () => ['--home', net.home.dir];

  async function onEdge(path: string): Promise<unknown> {
    const port = net.home.nations.flatMap(({ members }) => members).find((one) => one.id === TO)?.httpPort;
    const token = readFileSync(paths.secret(net.home.dir, TO, 'http.token'), 'utf8').trim();
    const headers = { authorization: `Bearer ${token}`, 'entente-actor': 'desk' };
    return await (await fetch(`http://127.0.0.1:${port}${path}`, { headers })).json();
  }

  it('is still known where nobody has ordered it', async () => {
    expect((await readCase([logOf('DE')], caseId)).entries.length).toBeGreaterThan(1);
  });
});

interface Planned {
  readonly gates: readonly object[];
  readonly plans: readonly { readonly nation: string; readonly days: number; readonly logDays: number }[];
  readonly edges: readonly {
    readonly member: string;
    readonly months: readonly { readonly month: string; readonly contents: number }[];
  }[];
}
