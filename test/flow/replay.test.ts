import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chooseLog, endingOf, type LogSource, paths, readStory, replayLog, runProgram } from '@entente/cli';
import { packFile } from '@entente/members';
import { packsDir } from '@entente/policy';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { phishingNotice } from '../kit/examples.js';
import { copyForHarm, harm } from '../kit/harm.js';
import { courtPlan, ended } from '../kit/holds.js';
import { startTestNetwork, type TestNetwork } from '../kit/network.js';
import { addRule } from '../kit/packs.js';
import { makePast, type Past } from '../kit/past.js';
import { capturePrinted } from '../kit/printed.js';

/** The first day on which something can have been logged. */
const FIRST_DAY = new Date().toISOString().slice(0, 10);
/** What happened, once: all that follows reads its logs. */
let past: Past;
let net: TestNetwork;
let scratch: string;

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'entente-replay-'));
  net = await startTestNetwork(courtPlan(['court', 'hotline']));
  past = await makePast(net, addRule('test-remark', NEVER));
});
afterAll(async () => {
  await net?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

const printed = capturePrinted();

const NEVER =
  '@basis("test") @says("Never.") forbid (principal, action, resource) when { context.facts.itemCount == 4999 };';
const PAUSE =
  '@basis("test") @says("Nothing <b>enters</b>.") forbid (principal, action, resource) when { context.stage == Stage::"enter" };';

const logOf = (nation: string) => chooseLog({ home: net.home.dir, nation });
const copyOf = (nation: string) => copyForHarm(net.home, nation, scratch);

const codes = async (source: LogSource) => (await replayLog(source)).faults.map(({ code }) => code);

describe('a log is decided again', () => {
  it('and every verdict is the one that its pack gives, holds and releases too', async () => {
    const replay = await replayLog(logOf('NL'));
    expect(replay.faults).toEqual([]);
    expect(replay.crossings).toEqual({ permit: 3, refuse: 0, hold: 2 });
    expect(replay.packs).toHaveLength(2);
    expect(replay.others).toMatchObject({ 'adopt-pack': 2, rejection: 1, approval: 2 });
    expect(await runProgram(['policy', 'replay', '--home', net.home.dir])).toBe(0);
    expect(printed.text).toContain('Every verdict is the one that its pack gives.');
  });

  it('from a copy that has nothing but the files', async () => {
    const { dir, vkey, archive, nation } = copyOf('NL');
    const args = ['--log', dir, '--nation', nation, '--vkey', vkey, '--archive', archive[0] as string];
    expect(await runProgram(['policy', 'replay', ...args, '--json'])).toBe(0);
    expect(JSON.parse(printed.text).replays[0].crossings).toEqual({ permit: 3, refuse: 0, hold: 2 });
  });

  it('and says what is gone, but not that a release was never logged', async () => {
    const copy = copyOf('NL');
    harm(copy, "UPDATE entry SET record = NULL, salt = NULL WHERE stage = 'enter'");
    const { erased, faults } = await replayLog(copy);
    expect(erased).toBeGreaterThan(1);
    expect(faults.map(({ code }) => code)).toEqual(Array(erased).fill('erased-without-entry'));
  });

  it('and says of how many releases it cannot be told', async () => {
    const copy = copyOf('NL');
    harm(copy, 'UPDATE entry SET record = NULL, salt = NULL WHERE idx IN (SELECT idx FROM approval)');
    const { faults, unknown } = await replayLog(copy);
    expect(new Set(faults.map(({ code }) => code))).toEqual(new Set(['erased-without-entry']));
    expect(unknown).toBe(1);
  });

  it.each([
    [
      'a record is another',
      'UPDATE entry SET record = substr(record, 1, length(record) - 1) WHERE idx = 4',
      'record-mismatch',
    ],
    ['a record has another salt', 'UPDATE entry SET salt = zeroblob(16) WHERE idx = 4', 'record-mismatch'],
    [
      'two records change places',
      'UPDATE entry SET record = (SELECT record FROM entry WHERE idx = 5), salt = (SELECT salt FROM entry WHERE idx = 5) WHERE idx = 4',
      'record-mismatch',
    ],
    ['an entry is missing', 'DELETE FROM entry WHERE idx = 4', 'record-missing'],
  ])('and it is found that %s', async (_what, statement, code) => {
    const copy = copyOf('NL');
    harm(copy, statement);
    expect(await codes(copy)).toEqual([code]);
  });

  it('and it is found that a pack is missing, or another under its name', async () => {
    const copy = copyOf('NL');
    const [archive = ''] = copy.archive;
    const [first = '', second = ''] = readdirSync(archive).filter((name) =>
      /^[0-9a-f]{64}\.pack$/.test(name),
    );
    rmSync(join(archive, first));
    expect(new Set(await codes(copy))).toEqual(new Set(['pack-missing']));
    cpSync(join(archive, second), join(archive, first));
    const { faults } = await replayLog(copy);
    expect(faults[0]?.detail).toContain('another pack than its name says');
  });

  it('and it is said that nobody asked who has signed the packs, where there are no trust anchors', async () => {
    const { dir, vkey, archive } = copyOf('NL');
    const args = ['--log', dir, '--nation', 'NL', '--vkey', vkey, '--archive', archive[0] ?? ''];
    const said = async (...more: string[]) => {
      printed.text = '';
      expect(await runProgram(['policy', 'replay', ...args, ...more])).toBe(0);
      return printed.text;
    };
    const anchors = ['--anchors', paths.anchors(net.home.dir)];
    expect(await said()).toContain('NOT CHECKED: who has signed the packs');
    expect(await said(...anchors)).toContain('of each pack the signature of its agency was checked');
    expect(JSON.parse(await said('--json')).replays).toMatchObject([{ signersAsked: false }]);
    expect(JSON.parse(await said(...anchors, '--json')).replays).toMatchObject([{ signersAsked: true }]);
  });

  it('never with a log that is not there, or with half of what it takes', async () => {
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    expect(await runProgram(['policy', 'replay', '--log', scratch, '--nation', 'NL'])).toBe(2);
    expect(await runProgram(['policy', 'replay', '--home', net.home.dir, '--nation', 'XX'])).toBe(2);
    const none = ['--log', scratch, '--nation', 'NL', '--vkey', logOf('NL').vkey, '--archive', scratch];
    expect(await runProgram(['policy', 'replay', ...none])).toBe(2);
    expect(readdirSync(scratch).filter((name) => name.endsWith('.sqlite'))).toEqual([]);
  });
});

describe('the rules that a ministry proposes', () => {
  const whatIf = async (...args: string[]) => {
    const code = await runProgram([
      'policy',
      'what-if',
      '--home',
      net.home.dir,
      '--nation',
      'NL',
      '--json',
      ...args,
    ]);
    return { code, result: JSON.parse(printed.text) };
  };
  const proposed = (edit: (dir: string) => void) => {
    const dir = mkdtempSync(join(scratch, 'packs-'));
    cpSync(packsDir, dir, { recursive: true });
    edit(dir);
    return dir;
  };
  const pausing = () =>
    proposed((dir) => writeFileSync(join(dir, 'nl', 'pause.cedar'), `@id("test-pause")\n${PAUSE}\n`));

  it('change nothing where they are the same', async () => {
    const { code, result } = await whatIf('--pack', packsDir);
    expect(code).toBe(0);
    expect(result).toMatchObject({ before: 'as logged', decided: 5, changed: 0, rules: [], faults: [] });
  });

  it('show what would be returned, by category, nations and rule', async () => {
    const { result } = await whatIf('--pack', pausing());
    expect(result).toMatchObject({ decided: 5, changed: 2 });
    expect(result.moves[0]).toEqual({
      ...{ category: 'phishing', pair: 'DE→NL', before: 'permit', after: 'refuse', count: 2 },
    });
    expect(result.rules).toContainEqual({ rule: 'test-pause', before: 0, after: 2 });
    expect(result.rules).toContainEqual({ rule: 'hotline-to-host', before: 2, after: 0 });
    expect(result.changes.map(({ id }: { id: string }) => id)).toEqual([past.delivered, past.ended]);
  });

  it('are compared with one another, and with a signed pack', async () => {
    const signed = join(paths.packs(net.home.dir), packFile('NL'));
    const { result } = await whatIf('--pack', signed, pausing());
    expect(result).toMatchObject({ decided: 5, changed: 2 });
    expect(result.before).toMatch(/^[0-9a-f]{64}$/);
  });

  it('hold what was not held, and pass what was', async () => {
    const { result } = await whatIf(
      '--pack',
      proposed((dir) => {
        const file = join(dir, 'base', 'limits-orders.cedar');
        const text = readFileSync(file, 'utf8');
        writeFileSync(file, text.replace(/@id\("court-validates"\)[\s\S]*?;\n/, ''));
      }),
    );
    expect(result.moves).toContainEqual({
      ...{ category: 'fraud', pair: 'NL→NL', before: 'hold', after: 'permit', count: 2 },
    });
  });

  it('state the deadlines that their own table sets', async () => {
    const { result } = await whatIf(
      '--pack',
      proposed((dir) => {
        const file = join(dir, 'tables', 'clocks.json');
        const rows = JSON.parse(readFileSync(file, 'utf8'));
        const change = (row: { minutes: number }) => ({ ...row, minutes: row.minutes + 1 });
        writeFileSync(
          file,
          JSON.stringify(Array.isArray(rows) ? rows.map(change) : { ...rows, rows: rows.rows.map(change) }),
        );
      }),
    );
    expect(result).toMatchObject({ decided: 5, changed: 0 });
  });

  it('are asked for a time only', async () => {
    expect((await whatIf('--pack', packsDir, '--from', FIRST_DAY)).result.decided).toBe(5);
    printed.text = '';
    expect((await whatIf('--pack', packsDir, '--to', '2020-01-01')).result.decided).toBe(0);
  });

  it('make a page that a ministry can open: nothing in it but its own words', async () => {
    const file = join(scratch, 'what-if.html');
    await whatIf('--pack', pausing(), '--html', file);
    const page = readFileSync(file, 'utf8');
    expect(page).toContain('Nothing &#60;b&#62;enters&#60;/b&#62;.');
    expect(page).toContain("default-src 'none'");
    expect(page).not.toMatch(/<script|https?:/);
    expect(page).toContain('What this does not show');
  });
});

describe('the story of one message', () => {
  const story = async (id: string, ...args: string[]) => {
    const code = await runProgram(['explain', id, '--home', net.home.dir, ...args]);
    return { code, text: printed.text };
  };

  it('names both gates, their rules with the articles, and the delivery', async () => {
    const { code, text } = await story(past.delivered);
    expect(code).toBe(0);
    expect(text).toContain('DE, leaving the nation');
    expect(text).toContain('NL, entering the nation');
    expect(text).toMatch(/hotline-to-host: A hotline may notify .*\[Regulation \(EU\) 2022\/2065/);
    expect(text).toContain('isp.nl (hosting) says: delivered');
    expect(text).toContain('It was delivered.');
  });

  it('says who released what was held, in German and French as well', async () => {
    const german = (await story(past.released, '--lang', 'de')).text;
    expect(german).toContain('angehalten bis');
    expect(german).toContain('court.nl (court) sagt: freigegeben (Grund: lawful: sie ist rechtmäßig)');
    expect(german).toContain('Sie wurde zugestellt.');
    expect(german).not.toContain('A hotline');
    printed.text = '';
    const french = (await story(past.refused, '--lang', 'fr')).text;
    expect(french).toContain(
      'court.nl (court) déclare : non libéré (motif: disproportionate: il est disproportionné)',
    );
    expect(french).toContain('Il a été renvoyé à son expéditeur.');
  });

  it('is one object for a program', async () => {
    const told = JSON.parse((await story(past.released, '--json')).text);
    expect(told).toMatchObject({ ending: 'delivered', message: { from: 'prosecutor.nl', to: 'isp.nl' } });
    expect(told.chapters.map(({ event }: { event: string }) => event)).toEqual(
      expect.arrayContaining(['crossing', 'approval', 'evidence']),
    );
  });

  it('says that no log holds it', async () => {
    expect((await story('0'.repeat(32))).code).toBe(1);
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    expect((await story('nonsense')).code).toBe(2);
    expect((await story(past.delivered, '--lang', 'xx')).code).toBe(2);
  });

  it('says which permit came closest where no rule permits', async () => {
    const nobody = { ...phishingNotice('isp.nl'), from_role: 'hotline' };
    const content = { ...nobody.content, action: 'produce', data_sought: ['subscriber'] };
    const { id } = await net.client('hotline.de').send({ ...nobody, content });
    expect((await ended(net, id, 'hotline.de')).outcome).toBe('refused');
    const read = await readStory([logOf('DE')], id, 'de');
    expect(endingOf(read)).toBe('returned');
    const refusal = read.chapters.find(({ verdict }) => verdict?.decision === 'refuse');
    expect(refusal?.verdict?.rules.length === 0 ? refusal.nearest?.lacks.length : 1).toBeGreaterThan(0);
  });
});
