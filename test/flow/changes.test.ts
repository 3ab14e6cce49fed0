import { createHash, randomBytes } from 'node:crypto';
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chooseLog, openDirectory, paths, readChanges, runProgram } from '@entente/cli';
import { subjects, wire } from '@entente/contract';
import { writeSecretFile } from '@entente/seal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planWithAuditors } from '../kit/auditors.js';
import { publishPart, readPart } from '../kit/directory-part.js';
import { busOfGate } from '../kit/hostile.js';
import { startTestNetwork, type TestNetwork } from '../kit/network.js';
import { adopted, type EditPack, publishPack } from '../kit/packs.js';
import { capturePrinted } from '../kit/printed.js';
import { waitFor } from '../kit/wait.js';

let net: TestNetwork;
beforeAll(async () => {
  net = await startTestNetwork(planWithAuditors(), []);
});
afterAll(async () => await net?.stop());

const printed = capturePrinted();
const run = async (...args: string[]) => await runProgram([...args, '--home', net.home.dir]);

describe('a nation that changes how it decides', () => {
  it('has in its log who wanted it and who agreed, as its agency has signed it', async () => {
    const signoff = { proposedBy: 'unit 4', approvedBy: ['legal service', 'file 17/26'] };
    const remark: EditPack = (dir) => appendFileSync(join(dir, 'de', 'blocking.cedar'), '\n// A remark.\n');
    await adopted(net.home, 'DE', await publishPack(net.home, 'DE', remark, { signoff }));
    const part = readPart(net.home, 'DE');
    await publishPart(net.home, { ...part, version: part.version + 1, ...signoff });
    const changes = await waitFor('both adoptions', async () => {
      printed.text = '';
      await run('audit', 'changes', '--nation', 'DE', '--json');
      const [log] = (JSON.parse(printed.text) as { logs: { changes: Changed[] }[] }).logs;
      const said = log?.changes.filter(({ responsible }) => responsible.length > 0);
      return said?.length === 2 ? said : undefined;
    });
    expect(changes).toMatchObject([
      { event: 'adopt-pack', responsible: [{ part: 'pack', ...signoff }] },
      { event: 'adopt-directory', responsible: [{ part: 'DE', ...signoff }] },
    ]);
  });

  it('has in its log for how long it keeps things, and which auditor has read it', async () => {
    const token = readFileSync(paths.secret(net.home.dir, 'services.de', 'auditor.token'), 'utf8').trim();
    const read = async () => {
      const log = `http://127.0.0.1:${net.home.logPorts?.DE}`;
      const [, size] = (await (await fetch(`${log}/checkpoint`)).text()).split('\n');
      const headers = { authorization: `Bearer ${token}` };
      return (await fetch(`${log}/tile/entries/000.p/${size}`, { headers })).status;
    };
    await waitFor('a bundle', async () => ((await read()) === 200 ? true : undefined));
    printed.text = '';
    expect(await run('audit', 'changes', '--nation', 'DE')).toBe(0);
    expect(printed.text).toContain('setting (#0)  retention: nothing → 1095, of whole logs nothing → 3650');
    const sha256 = createHash('sha256').update(token).digest('hex');
    expect(printed.text).toContain(`setting (#1)  auditors: 0 → 1 +auditor ${sha256}`);
    expect(printed.text).not.toContain(token);
    expect(printed.text.match(/auditor has read 1 bundle of/g)).toHaveLength(1);
  });

  it('has in its log who may read it, with who wanted and approved that, and no token', async () => {
    const tokens = paths.secret(net.home.dir, 'services.de', 'auditor.token');
    const before = readFileSync(tokens, 'utf8');
    const added = randomBytes(32).toString('hex');
    await writeSecretFile(join(net.home.dir, 'tokens'), `auditor ${before.trim()}\ncourt ${added}\n`);
    const who = ['--proposed-by', 'unit 4', '--approved-by', 'legal service'];
    const home = ['--nation', 'DE'];
    expect(await run('ledger', 'sign', '--days', '90', ...who, ...home)).toBe(2);
    const signed = ['--auditors', join(net.home.dir, 'tokens'), ...who, ...home];
    expect(await run('ledger', 'sign', ...signed)).toBe(0);
    const lain = readFileSync(join(paths.ledger(net.home.dir, 'DE'), 'auditors.json'), 'utf8');
    expect([lain.includes(added), lain.includes(before.trim())]).toEqual([false, false]);
    await net.network.kill('ledger.de');
    rmSync(tokens);
    await writeSecretFile(tokens, readFileSync(join(net.home.dir, 'tokens'), 'utf8'));
    await net.network.restart('ledger.de');
    printed.text = '';
    expect(await run('audit', 'changes', ...home)).toBe(0);
    const sha256 = createHash('sha256').update(added).digest('hex');
    expect(printed.text).toMatch(
      new RegExp(
        `setting \\(#\\d+\\) {2}auditors: 1 → 2 \\+court ${sha256}\n +proposed by unit 4, approved by legal service$`,
        'm',
      ),
    );
    expect(printed.text).not.toContain(added);
  });

  it('cannot have others named in its log than have signed it', async () => {
    const source = chooseLog({ home: net.home.dir, nation: 'DE' });
    expect((await readChanges(source)).faults).toEqual([]);
    const { sha256: current } = await openDirectory(net.home);
    const sha256 = randomBytes(32);
    const versions = [{ part: 'DE', version: readPart(net.home, 'DE').version }];
    const bundle = readFileSync(
      join(source.archive[0] ?? '', `${Buffer.from(current).toString('hex')}.directory`),
    );
    writeFileSync(join(source.archive[0] ?? '', `${sha256.toString('hex')}.directory`), bundle);
    const responsible = [{ part: 'DE', proposedBy: 'another unit', approvedBy: [] }];
    const record = wire.record.encode({
      ...{ nation: 'DE', event: 'adopt-directory', adoption: { sha256, versions }, responsible },
      decidedAtMs: Date.now(),
    });
    const bus = await busOfGate(net.home, 'DE');
    const request = wire.appendRequest.encode({ record });
    await bus.request(subjects.append, request, { timeoutMs: 60_000 });
    await bus.close();
    expect((await readChanges(source)).faults.map(({ code }) => code)).toEqual(['signoff-differs']);
  });
});

interface Changed {
  readonly event: string;
  readonly responsible: readonly object[];
}
