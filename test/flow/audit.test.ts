import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  auditLog,
  chooseLog,
  chooseLogs,
  type LogSource,
  paths,
  readCase,
  reconcile,
  runProgram,
  sampleLog,
} from '@entente/cli';
import { wire } from '@entente/contract';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { sendReferral } from '../kit/case-work.js';
import { phishingNotice } from '../kit/examples.js';
import { copyForHarm, harm } from '../kit/harm.js';
import { startTestNetwork, type TestNetwork } from '../kit/network.js';
import { capturePrinted } from '../kit/printed.js';

const TO = 'isp.fr';
const FROM = 'hotline.de';
let net: TestNetwork;
let scratch: string;
let sent: { readonly id: string; readonly caseId: string };

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'entente-audit-'));
  net = await startTestNetwork();
  sent = await sendReferral(net, FROM, phishingNotice(TO));
  await sendReferral(net, FROM, phishingNotice(TO));
});
afterAll(async () => {
  await net?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

const printed = capturePrinted();

const logOf = (nation: string) => chooseLog({ home: net.home.dir, nation });
const verify = async (source: LogSource) => await auditLog(source, { verdicts: true });
const codes = async (source: LogSource) => (await verify(source)).faults.map(({ code }) => code);

/** How somebody elsewhere reads a nation's log. */
const addressOf = (nation: string): string[] => [
  ...[
    '--log',
    `http://127.0.0.1:${net.home.logPorts?.[nation]}`,
    '--nation',
    nation,
    '--vkey',
    logOf(nation).vkey,
  ],
  ...['--anchors', paths.anchors(net.home.dir)],
  ...['--token-file', paths.secret(net.home.dir, `services.${nation.toLowerCase()}`, 'auditor.token')],
];

describe('a log is audited', () => {
  it('and every message in it is signed by who it names', async () => {
    for (const nation of ['DE', 'FR']) {
      const { faults, seals, decided, erased } = await verify(logOf(nation));
      expect({ faults, erased }).toEqual({ faults: [], erased: 0 });
      expect(seals).toBeGreaterThanOrEqual(2);
      expect(decided?.crossings.permit).toBeGreaterThanOrEqual(2);
    }
  });

  it('from a copy with nothing but its files, its archive and the trust anchors', async () => {
    const { dir, vkey, archiveDir } = copyForHarm(net.home, 'FR', scratch);
    const args = ['--log', dir, '--nation', 'FR', '--vkey', vkey, '--archive', archiveDir];
    const anchors = ['--anchors', paths.anchors(net.home.dir)];
    expect(await runProgram(['audit', 'verify', ...args, ...anchors])).toBe(0);
    expect(printed.text).toContain('nothing speaks against it');
    expect(await runProgram(['audit', 'replay', ...args])).toBe(2);
  });

  it('and each entry about no message has a proof, which holds', async () => {
    const own = ['--home', net.home.dir, '--nation', 'DE'];
    expect(await runProgram(['audit', 'changes', ...own, '--json'])).toBe(0);
    const [{ changes = [] } = {}]: { changes?: { index: number; event: string }[] }[] = JSON.parse(
      printed.text,
    ).logs;
    expect(changes.map(({ event }) => event)).toEqual(
      expect.arrayContaining(['adopt-directory', 'adopt-pack', 'setting']),
    );
    const file = join(scratch, 'change.tlog-proof');
    const trust = ['--directory', paths.directory(net.home.dir), '--anchors', paths.anchors(net.home.dir)];
    for (const { index, event } of changes) {
      expect(await runProgram(['audit', 'prove', `${index}`, ...own, '--out', file])).toBe(0);
      printed.text = '';
      expect(await runProgram(['proof', 'verify', file, ...trust])).toBe(0);
      expect(printed.text).toMatch(new RegExp(`^holds: entry ${index} of .*: ${event}`));
    }
  });

  it('at its address, while it runs, with nothing but the token and the trust anchors', async () => {
    const own = addressOf('FR');
    const before = await verify(logOf('FR'));
    expect(await runProgram(['audit', 'replay', ...own, '--json'])).toBe(0);
    const { audits } = JSON.parse(printed.text) as { audits: Awaited<ReturnType<typeof auditLog>>[] };
    const { checkpoints, ...after } = await verify(logOf('FR'));
    expect(audits[0]?.faults).toEqual([]);
    expect(audits[0]?.decided?.crossings).toEqual(after.decided?.crossings);
    // That somebody reads it is an entry, and an edge may anchor its log of accesses meanwhile.
    expect(audits[0]?.seals).toBeGreaterThanOrEqual(before.seals);
    expect(audits[0]?.seals).toBeLessThanOrEqual(after.seals);
    expect(checkpoints).toBeGreaterThan(0);
    expect(await runProgram(['audit', 'verify', ...own.slice(0, -2)])).toBe(2);
  });

  it('from a copy that was made at its address', async () => {
    const dir = join(mkdtempSync(join(scratch, 'mirror-')), 'fr');
    expect(await runProgram(['log', 'copy', dir, ...addressOf('FR')])).toBe(0);
    expect(await runProgram(['log', 'copy', dir, ...addressOf('FR')])).toBe(0);
    const own = ['--log', dir, '--nation', 'FR', '--vkey', logOf('FR').vkey];
    printed.text = '';
    expect(await runProgram(['audit', 'replay', ...own, '--anchors', paths.anchors(net.home.dir)])).toBe(0);
    expect(printed.text).toContain('nothing speaks against it');
    expect(await runProgram(['log', 'verify', dir, '--vkey', logOf('FR').vkey])).toBe(0);
  });

  it('and logs at several addresses are compared by a list of them', async () => {
    const list = join(scratch, 'logs.json');
    const logs = ['DE', 'FR'].map((nation) => ({
      ...{ nation, vkey: logOf(nation).vkey, log: `http://127.0.0.1:${net.home.logPorts?.[nation]}` },
      tokenFile: paths.secret(net.home.dir, `services.${nation.toLowerCase()}`, 'auditor.token'),
    }));
    writeFileSync(list, JSON.stringify(logs));
    expect(await runProgram(['audit', 'reconcile', '--logs', list])).toBe(0);
    expect(await runProgram(['audit', 'case', sent.caseId, '--logs', list])).toBe(0);
    writeFileSync(list, JSON.stringify([{ ...logs[0], nations: 'FR' }]));
    expect(await runProgram(['audit', 'reconcile', '--logs', list])).toBe(2);
  });

  it('and a directory that is missing, or another one under its name, proves no signature', async () => {
    const none = copyForHarm(net.home, 'FR', scratch);
    const [name = ''] = readdirSync(none.archiveDir).filter((file) => file.endsWith('.directory'));
    rmSync(join(none.archiveDir, name));
    expect(new Set(await codes(none))).toEqual(new Set(['directory-missing']));
    const bundle = wire.directoryBundle.decode(readFileSync(join(logOf('FR').archive[0] ?? '', name)));
    const fewer = { ...bundle, nations: bundle.nations.filter(({ nation }) => nation !== 'DE') };
    writeFileSync(join(none.archiveDir, name), wire.directoryBundle.encode(fewer));
    expect(new Set(await codes(none))).toEqual(new Set(['directory-missing']));
  });

  it('and a record that is gone without an erasure is named', async () => {
    const copy = copyForHarm(net.home, 'FR', scratch);
    harm(copy, 'UPDATE entry SET salt = NULL, record = NULL WHERE idx = 4');
    expect(await verify(copy)).toMatchObject({
      erased: 1,
      faults: [{ index: 4, code: 'erased-without-entry' }],
    });
  });
});

describe('a log that says less than it did', () => {
  it.each([
    ['case', () => ['audit', 'case', sent.caseId]],
    ['sample', () => ['audit', 'sample']],
    ['retention plan', () => ['retention', 'plan']],
  ])('%s names what is wrong with it, and the answer is no', async (_name, command) => {
    const { dir, vkey, archiveDir, ...copy } = copyForHarm(net.home, 'FR', scratch);
    harm({ dir }, 'UPDATE entry SET salt = NULL, record = NULL WHERE idx = 4');
    harm({ dir }, "UPDATE entry SET record = x'00' WHERE idx = 5");
    const args = ['--log', dir, '--nation', copy.nation, '--vkey', vkey, '--archive', archiveDir];
    expect(await runProgram([...command(), ...args])).toBe(1);
    expect(printed.text).toContain('FAULT FR entry 4 erased-without-entry: ');
    expect(printed.text).toContain('FAULT FR entry 5 record-mismatch: ');
    expect(printed.text).not.toContain('FR: 1 erased already');
    printed.text = '';
    expect(await runProgram([...command(), ...args, '--json'])).toBe(1);
    expect(printed.text).toContain('"code":"record-mismatch"');
  });
});

describe('a case is told from the logs', () => {
  it('in the order of time, over all nations', async () => {
    const { entries } = await readCase(chooseLogs({ home: net.home.dir }), sent.caseId);
    const ways = entries.map(({ nation, stage }) => `${nation} ${stage}`);
    expect(ways.slice(0, 2)).toEqual(['DE leave', 'FR enter']);
    expect(entries.map(({ at }) => at)).toEqual(entries.map(({ at }) => at).sort());
    expect(entries.some(({ says }) => says === 'delivered')).toBe(true);
    expect(await runProgram(['audit', 'case', sent.caseId, '--home', net.home.dir])).toBe(0);
    expect(printed.text).toContain(`${FROM} → ${TO}`);
  });

  it('and an unknown case is said to be unknown', async () => {
    const args = ['audit', 'case', '0'.repeat(32), '--home', net.home.dir];
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    expect(await runProgram(args)).toBe(2);
  });
});

describe('a sample', () => {
  it('is the same for the same seed, and has each kind of entry', async () => {
    // Of a copy: the log itself may grow between the two.
    const copy = copyForHarm(net.home, 'DE', scratch);
    const [once, again] = [
      await sampleLog(copy, { size: 1, seed: 7 }),
      await sampleLog(copy, { size: 1, seed: 7 }),
    ];
    expect(once).toEqual(again);
    expect(once.strata.map(({ event }) => event)).toEqual(expect.arrayContaining(['crossing', 'evidence']));
    for (const { of, drawn } of once.strata) expect(drawn).toHaveLength(Math.min(1, of));
  });
});

describe('logs are reconciled', () => {
  it('and agree', async () => {
    const args = ['audit', 'reconcile', '--home', net.home.dir];
    expect(await runProgram(args)).toBe(0);
    expect(printed.text).toContain('The logs agree.');
    expect(await runProgram([...args, '--nation', 'DE'])).toBe(2);
  });

  it('and say what was late, by a clock that is shorter than the way', async () => {
    const { disagreements, directions } = await reconcile(chooseLogs({ home: net.home.dir }), { relayMs: 0 });
    expect(disagreements).toContainEqual(expect.objectContaining({ nation: 'FR', code: 'late' }));
    for (const { overtook, inOtherOrder } of directions) expect(inOtherOrder).toHaveLength(overtook);
  });
});

describe('a report', () => {
  const report = async (...more: string[]) => {
    printed.text = '';
    expect(await runProgram(['audit', 'report', '--home', net.home.dir, ...more])).toBe(0);
    return printed.text;
  };

  it('counts what each border decided, and how long each leg took', async () => {
    const { sections } = JSON.parse(await report('--json')) as {
      sections: { title: string; sum: number; rows: Record<string, string | number | null>[] }[];
    };
    const rowsOf = (title: string) => sections.find((section) => section.title === title)?.rows ?? [];
    const decided = rowsOf('Decided at each border');
    const way = { way: 'DE → FR', category: 'phishing', action: 'remove', decision: 'permit' };
    for (const nation of ['DE', 'FR']) expect(decided).toContainEqual({ nation, ...way, count: 2 });
    const legs = rowsOf('Time of each leg').map(({ leg, way: ofLeg }) => `${leg} ${ofLeg}`);
    expect(legs).toEqual(expect.arrayContaining(['gate to gate DE → FR', 'first gate to delivery DE → FR']));
    const [transfer] = rowsOf('Left for another nation, by ground');
    expect(transfer).toMatchObject({
      way: 'DE → FR',
      category: 'phishing',
      basis: expect.stringMatching(/GDPR|DSA/),
    });
  });

  it('tells the public of whole months only, rounded, and a spreadsheet no formula', async () => {
    const words = await report('--public', '--from', '2020-01-01', '--to', '2020-02-01');
    expect(words).toContain('rounded down to a multiple of 5');
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    expect(await runProgram(['audit', 'report', '--home', net.home.dir, '--public'])).toBe(2);
    expect(await report('--csv')).toContain('"Decided at each border","2","way","DE → FR"');
  });

  it('keeps to its days', async () => {
    expect(await report('--to', '2020-01-01')).toContain('Decided at each border: 0');
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    expect(await runProgram(['audit', 'report', '--home', net.home.dir, '--from', 'today'])).toBe(2);
  });
});
