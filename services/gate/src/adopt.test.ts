import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bus } from '@entente/bus';
import { wire } from '@entente/contract';
import { bundleDirectory, loadAnchors, openDirectoryBundle } from '@entente/members';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { adoptDirectory, adoptPack } from './adopt.js';
import { archive } from './archive.js';
import { startBorder, type TestBorder } from './fixture/test-border.js';
import { handedIn, referral } from './fixture/test-messages.js';
import { addRule, failing } from './fixture/test-packs.js';
import { recordIn, summary } from './fixture/test-readers.js';
import { withFault } from './fixture/with-fault.js';
import { fromMember } from './from-member.js';

describe('the archive', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'entente-archive-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it('keeps a file whole under its name, in a folder that it makes, and leaves nothing else', () => {
    const folder = join(dir, 'a', 'b');
    archive(folder, 'ff.pack', Buffer.from('one'));
    archive(folder, 'ff.pack', Buffer.from('one'));
    expect(readdirSync(folder)).toEqual(['ff.pack']);
    expect(readFileSync(join(folder, 'ff.pack'), 'utf8')).toBe('one');
  });
});

describe('a gate under a new directory or pack', () => {
  let border: TestBorder;
  beforeAll(async () => {
    border = await startBorder({ changesTheLog: true });
  });
  afterAll(async () => await border?.stop());
  const handIn = async (bytes: Uint8Array) => await fromMember(border.gate, handedIn('hotline.nl', bytes));
  const answers = async () =>
    (await border.deliveredTo('hotline.nl')).filter(({ answer }) => answer !== null);

  it('adopts it once: what is adopted already is no second entry', async () => {
    const size = border.logSize();
    await adoptDirectory(border.gate);
    await adoptPack(border.gate, border.gate.packs.own());
    expect(border.logSize()).toBe(size);
  });

  it('archives the directory as it can be opened again', async () => {
    const { sha256 } = border.gate.directory();
    const path = join(border.archiveDir, `${Buffer.from(sha256).toString('hex')}.directory`);
    expect(readFileSync(path).equals(bundleDirectory(border.gate.directory()))).toBe(true);
    const anchors = await loadAnchors(join(border.dir, 'directory', 'anchors.json'));
    const opened = await openDirectoryBundle(readFileSync(path), anchors, border.clock.now());
    expect(Buffer.from(opened.sha256).equals(sha256)).toBe(true);
  });

  it('judges nothing under a directory that is not adopted: it adopts it, and the message comes again', async () => {
    const { nations } = border;
    const before = border.gate.directory();
    const version = 1 + (before.nations.get('FR')?.part.version ?? 0);
    await nations.writePart(nations.fr, { version });
    border.useDirectory(await nations.load());
    const { bytes } = await referral(border, { to: 'isp.nl hosting' });
    const size = border.logSize();
    await expect(handIn(bytes)).rejects.toMatchObject({ refusal: 'adoption-stale' });
    expect(border.logSize()).toBe(size + 1);
    expect(await answers()).toEqual([]);
    expect(await handIn(bytes)).toBe('done');
    const [delivery] = await answers();
    const { sha256 } = border.gate.directory();
    expect(Buffer.from(recordIn(delivery?.answer?.entry).directorySha256).equals(sha256)).toBe(true);
    // What is older than what the log adopted last is not adopted again, and nothing is judged under it.
    border.useDirectory(before);
    const late = await referral(border, { to: 'isp.nl hosting' });
    await expect(handIn(late.bytes)).rejects.toMatchObject({ refusal: 'version-goes-back' });
    expect(await answers()).toEqual([]);
    border.useDirectory(await nations.load());
    expect(await handIn(late.bytes)).toBe('done');
    await answers();
  });

  it('judges by the pack that it adopted, and by the next one from then on', async () => {
    const refusing = addRule(
      'many-items',
      'forbid (principal, action, resource) when { context.facts.itemCount > 90 };',
    );
    const many = async () => await referral(border, { to: 'isp.nl hosting', facts: { itemCount: 91 } });
    const first = await many();
    expect(await handIn(first.bytes)).toBe('done');
    const { version } = border.gate.packs.own();
    const sha256 = await border.packs.publish(border.nations.nl, { version: version + 1, edit: refusing });
    await border.gate.packs.refresh((pack) => adoptPack(border.gate, pack));
    expect(await handIn((await many()).bytes)).toBe('done');
    // INVARIANT of the log: what was permitted stays so, whatever the rules of today say.
    expect(await handIn(first.bytes)).toBe('done');
    const all = await answers();
    expect(all.map(summary)).toEqual([
      'submission-accepted crossing',
      'submission-rejected crossing',
      'submission-accepted crossing',
    ]);
    const hashes = all.map(({ answer }) => Buffer.from(recordIn(answer?.entry).packSha256).toString('hex'));
    expect(hashes[1]).toBe(sha256);
    expect(hashes[0]).not.toBe(sha256);
    expect(hashes[2]).toBe(hashes[0]);
  });

  it('refuses what its pack fails on, and calls the operator', async () => {
    const { version } = border.gate.packs.own();
    await border.packs.publish(border.nations.nl, { version: version + 1, edit: failing });
    await border.gate.packs.refresh((pack) => adoptPack(border.gate, pack));
    border.said();
    const message = await referral(border, { to: 'isp.nl hosting', facts: { itemCount: 2 } });
    expect(await handIn(message.bytes)).toBe('done');
    expect((await answers()).map(summary)).toEqual(['submission-rejected crossing']);
    const [line, ...more] = border.said();
    expect(more).toEqual([]);
    expect(line).toMatchObject({ level: 'error', facts: { id: message.id } });
    expect(line?.message).toBe('ALARM: the pack failed on this message; it is refused');
    expect(String(line?.facts.errors)).toContain('overflow');
    await border.packs.publish(border.nations.nl, { version: version + 2 });
    await border.gate.packs.refresh((pack) => adoptPack(border.gate, pack));
  });

  it('names in its entries who wanted each part and who agreed, where the agency has signed that somebody did', async () => {
    const { nations } = border;
    const asked: wire.RecordFrame[] = [];
    const request: Bus['request'] = async (subject, bytes, options) => {
      asked.push(wire.record.decode(wire.appendRequest.decode(bytes).record));
      return await border.gate.bus.request(subject, bytes, options);
    };
    const gate = { ...border.gate, bus: withFault(border.gate.bus, { request }) };
    const versionOf = (code: string) => 1 + (border.gate.directory().nations.get(code)?.part.version ?? 0);
    await nations.writePart(nations.nl, { version: versionOf('NL'), proposedBy: 'unit 4' });
    await nations.writePart(nations.de, {
      version: versionOf('DE'),
      approvedBy: ['legal service', 'file 17/26'],
    });
    border.useDirectory(await nations.load());
    await adoptDirectory(gate);
    const own = border.gate.packs.own();
    await adoptPack(gate, { ...own, signoff: { proposedBy: 'unit 7', approvedBy: ['file 18/26'] } });
    await adoptPack(gate, own);
    expect(asked.map(({ event }) => event)).toEqual(['adopt-directory', 'adopt-pack', 'adopt-pack']);
    expect(asked.map(({ responsible }) => responsible)).toEqual([
      expect.arrayContaining([
        { part: 'NL', proposedBy: 'unit 4', approvedBy: [] },
        { part: 'DE', proposedBy: '', approvedBy: ['legal service', 'file 17/26'] },
      ]),
      [{ part: 'pack', proposedBy: 'unit 7', approvedBy: ['file 18/26'] }],
      [],
    ]);
    expect(asked[0]?.responsible).toHaveLength(2);
    expect(asked[1]?.adoption?.versions).toEqual([{ part: 'pack', version: own.version }]);
  });
});
