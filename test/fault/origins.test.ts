import { cpSync, existsSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseCheckpoint, parseNote, splitNotes } from '@entente/audit';
import { auditLog, chooseLogs, type LogSource, paths, readCase, reconcile, runProgram } from '@entente/cli';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OUTCOME_WITHIN_MS } from '../kit/case-work.js';
import { publishPart, readPart } from '../kit/directory-part.js';
import { phishingNotice } from '../kit/examples.js';
import { ended } from '../kit/holds.js';
import { startTestNetwork, type TestNetwork } from '../kit/network.js';
import { capturePrinted } from '../kit/printed.js';
import { received } from '../kit/state.js';
import { succeed } from '../kit/succeed.js';
import { waitFor } from '../kit/wait.js';
import { withFile } from '../kit/with-file.js';

const [FROM, TO] = ['hotline.de', 'isp.fr'] as const;
const YEAR = new Date().getUTCFullYear();
const OLD = `entente.example/de/${YEAR}`;
const NEXT = `entente.example/de/${YEAR + 1}`;
const AFTER_RESTORE = `entente.example/de/${YEAR + 1}b`;

let net: TestNetwork;
beforeAll(async () => {
  net = await startTestNetwork();
});
afterAll(async () => await net?.stop());
const printed = capturePrinted();

const send = async (summary: string) => await net.client(FROM).send(phishingNotice(TO, summary));
const outcomes = async (sent: readonly { readonly id: string }[]) =>
  await Promise.all(sent.map(async ({ id }) => (await ended(net, id, FROM)).outcome));
const logsOf = (nation: string): LogSource[] => chooseLogs({ home: net.home.dir, nation });
const namesOf = (logs: readonly LogSource[]) => logs.map(({ vkey }) => vkey.split('+')[0]);
/** The logs of DE in which each message crossed, one for each time. */
async function crossings(caseIds: readonly string[]): Promise<(string | undefined)[][]> {
  return await Promise.all(
    caseIds.map(async (caseId) =>
      (await readCase(logsOf('DE'), caseId)).entries
        .filter(({ event, stage }) => event === 'crossing' && stage === 'leave')
        .map(({ origin }) => origin),
    ),
  );
}
const faultsOf = async (nation: string) =>
  (await Promise.all(logsOf(nation).map(async (log) => await auditLog(log, { verdicts: true })))).flatMap(
    ({ origin, faults }) => faults.map(({ code, index }) => `${origin} ${index} ${code}`),
  );
const address = () => `http://127.0.0.1:${net.home.logPorts?.DE}`;
async function shown(path: string): Promise<string> {
  const response = await fetch(`${address()}/${path}`);
  return await response.text();
}
/** What `audit verify` finds of these logs at their ledger's address, as an auditor elsewhere runs it. */
async function verifyAt(base: string, ...origins: readonly string[]): Promise<string[]> {
  const keys = logsOf('DE').map(({ vkey }) => vkey);
  const vkeys = origins.map((origin) => keys.find((vkey) => vkey.startsWith(`${origin}+`)));
  const log = origins.length > 1 ? base : `${base}/${origins[0]}`;
  const token = paths.secret(net.home.dir, 'services.de', 'auditor.token');
  const own = ['--log', log, '--nation', 'DE', '--vkey', vkeys.join(','), '--token-file', token];
  const anchors = ['--anchors', paths.anchors(net.home.dir)];
  printed.text = '';
  const code = await runProgram(['audit', 'verify', ...own, ...anchors, '--json']);
  const { audits } = JSON.parse(printed.text) as { audits: Awaited<ReturnType<typeof auditLog>>[] };
  const found = audits.flatMap(({ origin, faults }) =>
    faults.map((fault) => `${origin} ${fault.index} ${fault.code}`),
  );
  expect(code).toBe(found.length > 0 ? 1 : 0);
  return found;
}
/** What the doctor says of the logs of a ledger and the directory. */
async function examinedRows(ledger: string): Promise<unknown[]> {
  printed.text = '';
  await runProgram(['doctor', '--home', net.home.dir, '--json']);
  const { findings } = JSON.parse(printed.text) as { findings: Record<string, string>[] };
  return findings.flatMap(({ service, what = '', state, detail }) =>
    service === ledger && ['row of the log', 'next log'].includes(what) ? [[what, state, detail]] : [],
  );
}
/** Somebody looks at something, and what the member logged of it goes on record. */
async function anchorAccess(...look: string[]): Promise<void> {
  const place = ['--member', FROM, '--home', net.home.dir, '--json'];
  expect(await runProgram([...look, ...place])).toBe(0);
  const { anchor } = await net.client(FROM).anchorAccess();
  await waitFor('the anchor to be on record', async () => {
    const { anchors } = await net.client(FROM).access(0);
    return anchors.some(({ size, state }) => size === anchor?.size && state === 'logged') || undefined;
  });
}
async function verifiedAccess(): Promise<unknown> {
  printed.text = '';
  const code = await runProgram(['access', 'verify', '--member', FROM, '--home', net.home.dir, '--json']);
  const { anchors, findings, faults } = JSON.parse(printed.text) as Record<string, unknown>;
  return { code, anchors, findings, faults };
}
describe('a nation whose log goes on under another origin', () => {
  it('loses and doubles no message that is on its way when the year ends', async () => {
    await anchorAccess('access', 'show');
    const sent = [await send('before the year ends')];
    await outcomes(sent);
    const fromMs = Date.now() + 1000;
    await succeed(net, printed, NEXT, '--from', new Date(fromMs).toISOString());
    const isNew = async () => !(await shown(`${NEXT}/checkpoint`)).startsWith('the log has no');
    for (let more = 20; more > 0; await delay(50)) {
      const isThere = await isNew();
      // A list of what came has 500 at most: where the ledger takes its time, no more are sent until the last of them.
      if (isThere || sent.length < 400) sent.push(await send(`year ${sent.length}`));
      if (isThere) more -= 1;
    }
    expect(new Set(await outcomes(sent))).toEqual(new Set(['delivered']));
    expect((await received(net, TO)).toSorted()).toEqual(sent.map(({ id }) => id).toSorted());
    const crossed = await crossings(sent.map(({ case_id }) => case_id));
    expect(crossed.map((origins) => origins.length)).toEqual(sent.map(() => 1));
    expect(new Set(crossed.flat())).toEqual(new Set([OLD, NEXT]));
  });

  it('is audited over both, and by what it shows over HTTP', async () => {
    expect(namesOf(logsOf('DE'))).toEqual([OLD, NEXT]);
    expect([await faultsOf('DE'), await faultsOf('FR')]).toEqual([[], []]);
    expect((await reconcile(chooseLogs({ home: net.home.dir }))).disagreements).toEqual([]);
    const size = async (path: string) => parseCheckpoint(parseNote(await shown(path)).text);
    expect(await size('checkpoint')).toMatchObject({ origin: OLD });
    expect(await size(`${OLD}/checkpoint`)).toEqual(await size('checkpoint'));
    expect(await size(`${NEXT}/checkpoint`)).toMatchObject({ origin: NEXT });
    expect(await shown(`${NEXT}/../../ledger.sqlite`)).toContain('no such file');
    printed.text = '';
    const plan = [
      'retention',
      'plan',
      '--log-days',
      '3650',
      '--home',
      net.home.dir,
      '--nation',
      'DE',
      '--json',
    ];
    expect(await runProgram(plan)).toBe(0);
    const { plans } = JSON.parse(printed.text) as { plans: { origin: string; goesWhole: string | null }[] };
    const day = expect.stringMatching(new RegExp(`^${YEAR + 9}-|^${YEAR + 10}-`)) as string;
    expect(plans.map(({ origin, goesWhole }) => [origin, goesWhole])).toEqual([
      [OLD, day],
      [NEXT, null],
    ]);
  });

  it("has a member's log of accesses verified by what either of them has on record of it", async () => {
    const [sent] = (await net.client(FROM).messages()).messages;
    await anchorAccess('case', String(sent?.case_id));
    expect(await verifiedAccess()).toEqual({ code: 0, anchors: 2, findings: [], faults: [] });
  });

  it('says which order another one replaces, before it was carried out, and takes it back', async () => {
    const place = ['--home', net.home.dir, '--nation', 'FR', '--json'];
    const tomorrow = Date.now() + 86_400_000;
    const order = async (origin: string, fromMs: number) =>
      await runProgram(['ledger', 'succeed', '--origin', origin, '--from', day(fromMs), ...place]);
    const day = (ms: number) => new Date(ms).toISOString();
    const ordered = async (origin: string) => {
      printed.text = '';
      expect(await order(origin, tomorrow)).toBe(0);
      return (JSON.parse(printed.text) as { replaces: string | null }).replaces;
    };
    const cancel = async () => await runProgram(['ledger', 'cancel', ...place]);
    const file = join(paths.ledger(net.home.dir, 'FR'), 'succession.json');
    // A log that has ended does not go on: neither a time that has passed, nor a name that was used, is taken.
    expect(await order('entente.example/fr/first', Date.now() - 1000)).toBe(2);
    expect(await order(`entente.example/fr/${YEAR}`, tomorrow)).toBe(2);
    expect([existsSync(file), await cancel()]).toEqual([false, 2]);
    expect(await ordered('entente.example/fr/first')).toBe(null);
    expect(await ordered('entente.example/fr/second')).toMatch(/^entente\.example\/fr\/first from 20/);
    // The ledger's user reads it, whoever wrote it.
    expect(statSync(file).mode & 0o777).toBe(0o644 & ~process.umask());
    expect(await examinedRows('ledger.fr')).toEqual([
      ['row of the log', 'ok', `entente.example/fr/${YEAR}`],
      ['next log', 'bad', expect.stringContaining('the directory has no row for it')],
    ]);
    expect([await cancel(), existsSync(file)]).toEqual([0, false]);
    expect(await examinedRows('ledger.fr')).toHaveLength(1);
    expect(await order('entente.example/fr/soon', Date.now() + 10_000)).toBe(0);
    expect([await cancel(), existsSync(file)]).toEqual([2, true]);
    rmSync(file);
  });

  it('and the doctor says where the directory has no row for the log that is written', async () => {
    expect(await examinedRows('ledger.de')).toEqual([['row of the log', 'ok', NEXT]]);
    const part = readPart(net.home, 'DE');
    const without = part.ledgers.filter(({ origin }) => origin !== NEXT);
    await publishPart(net.home, { ...part, version: part.version + 1, ledgers: without });
    expect(await examinedRows('ledger.de')).toEqual([
      ['row of the log', 'bad', expect.stringContaining(`has none for ${NEXT}`)],
    ]);
    await publishPart(net.home, { ...part, version: part.version + 2 });
    expect(await examinedRows('ledger.de')).toEqual([['row of the log', 'ok', NEXT]]);
  });

  it('is audited at its address, and each of the two logs alone is held against what is shown of the other', async () => {
    expect(await verifyAt(address(), OLD, NEXT)).toEqual([]);
    expect([await verifyAt(address(), OLD), await verifyAt(address(), NEXT)]).toEqual([[], []]);
    // One that it has signed itself, of a time at which it had not ended.
    const [earlier = ''] = splitNotes(await shown(`${OLD}/checkpoints`));
    expect(earlier).not.toBe(await shown(`${OLD}/checkpoint`));
    await withFile(address(), `${OLD}/checkpoint`, earlier, async (base) => {
      expect(await verifyAt(base, NEXT)).toEqual([`${NEXT} 0 succession-broken`]);
    });
  });
});

describe('a ledger that is restored from a backup', () => {
  const dir = () => join(paths.ledger(net.home.dir, 'DE'), 'origins', NEXT.replaceAll('/', '_'));
  const files = ['ledger.sqlite', 'ledger.sqlite-wal', 'ledger.sqlite-shm'];
  const copy = (from: string, to: string) => {
    for (const name of files) {
      rmSync(join(to, name), { force: true });
      if (existsSync(join(from, name))) cpSync(join(from, name), join(to, name));
    }
  };

  it('does not start, and goes on under another origin without a loss, and without a second delivery', async () => {
    const before = [await send('before 1'), await send('before 2')];
    await outcomes(before);
    await net.network.kill('ledger.de');
    const backup = join(net.home.dir, 'backup');
    cpSync(dir(), backup, { recursive: true });
    await net.network.restart('ledger.de');

    // Logged in what is going to be lost: the first arrives, the other two stay on their way, for their recipient does not run.
    const lost = [await send('lost 1')];
    await outcomes(lost);
    await net.network.kill(TO);
    lost.push(await send('lost 2'), await send('lost 3'));
    const onTheWay = lost.slice(1).map(({ case_id }) => case_id);
    await waitFor('the messages to be logged', async () =>
      (await crossings(onTheWay)).every((origins) => origins.length === 1) ? true : undefined,
    );
    await net.network.kill('ledger.de');
    copy(backup, dir());
    const after = [await send('after 1')];
    await expect(net.network.restart('ledger.de')).rejects.toThrow(/were published/);
    await expect(net.network.restart('ledger.de')).rejects.toThrow(/entente ledger succeed --restored/);

    await succeed(net, printed, AFTER_RESTORE, '--restored');
    await net.network.restart('ledger.de');
    await waitFor(
      'the resends to be logged again',
      async () =>
        (await crossings(onTheWay)).every((origins) => origins.includes(AFTER_RESTORE)) ? true : undefined,
      OUTCOME_WITHIN_MS,
    );
    await net.network.restart(TO);
    const all = [...before, ...lost, ...after];
    expect(new Set(await outcomes(all))).toEqual(new Set(['delivered']));
    const came = (await received(net, TO)).filter((id) => all.some((one) => one.id === id));
    expect(came.toSorted()).toEqual(all.map(({ id }) => id).toSorted());
    // Nothing was signed under the old origin again.
    const { size } = parseCheckpoint(parseNote(await shown(`${NEXT}/checkpoint`)).text);
    expect(await lostEntries()).toBe(size);
    // What had been proved by what is lost is proved still.
    expect(await verifiedEvidence(lost[0]?.case_id ?? '')).toBe(0);
  });

  /** Entries that are there and entries that the audit misses, which its database does not have, of the log that was restored. */
  async function lostEntries(): Promise<number> {
    const log = logsOf('DE').find(({ vkey }) => vkey.startsWith(`${NEXT}+`)) as LogSource;
    const audit = await auditLog(log, { verdicts: false });
    expect(new Set(audit.faults.map(({ code }) => code))).toEqual(
      new Set(['record-missing', 'database-differs']),
    );
    return audit.size;
  }

  async function verifiedEvidence(caseId: string): Promise<number> {
    const file = join(net.home.dir, 'lost.evidence');
    const home = ['--home', net.home.dir];
    expect(await runProgram(['evidence', 'export', caseId, '--member', FROM, '--out', file, ...home])).toBe(
      0,
    );
    return await runProgram(['evidence', 'verify', file, '--anchors', paths.anchors(net.home.dir)]);
  }

  it('leaves logs of which only the lost records speak against an audit', async () => {
    expect(namesOf(logsOf('DE'))).toEqual([OLD, NEXT, AFTER_RESTORE]);
    const faults = await faultsOf('DE');
    expect(faults.filter((fault) => !/ (record-missing|null database-differs)$/.test(fault))).toEqual([]);
    expect(await faultsOf('FR')).toEqual([]);
    expect(await verifyAt(address(), AFTER_RESTORE)).toEqual([]);
  });
});
