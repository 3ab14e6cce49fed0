import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chooseLog, type EdgeClient, edgeClient, paths, readCase, runProgram } from '@entente/cli';
import { commitmentOf } from '@entente/seal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planWithAuditors } from '../kit/auditors.js';
import { arrived, notice } from '../kit/case-work.js';
import { type Example, examples, examplesDir } from '../kit/examples.js';
import { openToHarm } from '../kit/harm.js';
import { startTestNetwork, type TestNetwork } from '../kit/network.js';
import { capturePrinted } from '../kit/printed.js';
import { logEntriesOf } from '../kit/state.js';

const NAME = 'Maria Müstermann';
const WHY = 'Reported by the Jugendamt, Aktenzeichen 4711/26';
const [HOTLINE, ISP, POLICE, AUDITOR] = ['hotline.de', 'isp.de', 'ministry.de', 'auditor.de'] as const;

let net: TestNetwork;
let sent: { readonly id: string; readonly caseId: string };
let unsaid: { readonly id: string; readonly caseId: string };
beforeAll(async () => {
  net = await startTestNetwork(withPolice(), ['auditor.fr']);
  sent = await send(WHY);
  unsaid = await send('');
});
afterAll(async () => await net?.stop());

/** Beside the auditors an authority under the directive on law enforcement. */
function withPolice() {
  const { nations, ...plan } = planWithAuditors();
  const police = { id: POLICE, name: POLICE, types: ['ministry', 'police'], roles: ['ministry', 'police'] };
  const add = ([first, ...others]: typeof nations) =>
    first ? [{ ...first, members: [...first.members, police] }, ...others] : others;
  return { ...plan, nations: add(nations) as typeof nations };
}

async function send(justification: string) {
  const desk = edgeClient(net.home, HOTLINE, { actor: NAME, justification });
  const { actor: _, ...submission } = notice(ISP) as { actor?: string };
  const { id, case_id: caseId } = await desk.send(submission);
  await arrived(net, HOTLINE, id);
  return { id, caseId };
}

const printed = capturePrinted();
const run = async (...args: string[]) => {
  printed.text = '';
  return await runProgram([...args, '--home', net.home.dir]);
};
const inspect = async (of: string) => {
  const asked = ['--of', of, '--member', AUDITOR, '--reason', 'sample', '--wait', '180', '--json'];
  const exit = await run('inspect', sent.id, ...asked);
  const seen = JSON.parse(printed.text || '{}') as Partial<Awaited<ReturnType<EdgeClient['inspection']>>>;
  return { exit, ...seen };
};
const headerOf = async (id: string) => {
  const entries = await logEntriesOf(net.home, 'DE', 'crossing');
  const header = entries.find((entry) => entry.header.id === id)?.header;
  if (!header) throw new Error(`the log has no entry of ${id}`);
  return header;
};

describe('why a message was sent', () => {
  it('stands in the log as a commitment beside the actor, and who audits the case reads that', async () => {
    const commitment = Buffer.from((await headerOf(sent.id)).justificationCommitment).toString('hex');
    expect(commitment).toHaveLength(64);
    expect((await headerOf(unsaid.id)).justificationCommitment).toHaveLength(0);
    const { entries } = await readCase([chooseLog({ home: net.home.dir, nation: 'DE' })], sent.caseId);
    expect(entries.find(({ id }) => id === sent.id)).toMatchObject({
      ...{ actor: expect.stringMatching(/^pn:/), justificationCommitment: commitment },
    });
    expect(await run('audit', 'case', sent.caseId, '--nation', 'DE')).toBe(0);
    expect(printed.text).toContain(`justified (commitment ${commitment.slice(0, 16)}…)`);
    expect(await run('audit', 'case', unsaid.caseId, '--nation', 'DE')).toBe(0);
    expect(printed.text).toContain('without a justification');
  });

  it('is read at the desk of its sender, and is in no file of another', async () => {
    expect(await run('case', sent.caseId, '--member', HOTLINE, '--actor', NAME)).toBe(0);
    expect(printed.text).toContain(`because: ${WHY}`);
    expect(await run('case', sent.caseId, '--member', ISP, '--actor', NAME)).toBe(0);
    expect(printed.text).not.toContain('because');
    const { dir } = net.home;
    const filesOf = (folder: string) =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((file) => file.isFile())
        .map((file) => join(file.parentPath, file.name));
    const having = (files: readonly string[]) =>
      files.filter((file) => readFileSync(file).includes('Aktenzeichen'));
    const others = [paths.ledger(dir, 'DE'), paths.edge(dir, ISP), paths.edge(dir, AUDITOR)];
    expect(having(others.flatMap(filesOf))).toEqual([]);
    expect(having(filesOf(paths.edge(dir, HOTLINE)))).not.toEqual([]);
  });

  it('cannot be guessed by who reads the log: from the right words nothing follows without the salt', async () => {
    const { justificationCommitment, id, caseId, actor } = await headerOf(sent.id);
    for (const salt of ['', id, caseId, actor, '\0'.repeat(16)].map((text) => Buffer.from(text)))
      expect(Buffer.from(commitmentOf(salt, Buffer.from(WHY)))).not.toEqual(
        Buffer.from(justificationCommitment),
      );
  });

  it('is opened to an auditor by its sender alone, who shows that it is what was sealed', async () => {
    expect(await inspect(HOTLINE)).toMatchObject({
      ...{ exit: 0, result: 'match', justified: 'opened', justification: WHY },
    });
    expect(await inspect(ISP)).toMatchObject({
      ...{ exit: 0, result: 'match', justified: 'not-opened', justification: '' },
    });
    const shown = ['inspect', sent.id, '--of', HOTLINE, '--member', AUDITOR, '--reason', 'sample', '--show'];
    expect(await run(...shown)).toBe(0);
    expect(printed.text).toContain(`because: ${WHY}`);
  });

  it('that was changed at the edge since is not shown as if it had been sealed', async () => {
    const database = openToHarm(join(paths.edge(net.home.dir, HOTLINE), 'edge.sqlite'));
    const change = database.prepare('UPDATE justification SET text = ? WHERE id = ?');
    change.run(Buffer.from('A better reason'), sent.id);
    const seen = await inspect(HOTLINE);
    change.run(Buffer.from(WHY), sent.id);
    database.close();
    expect(seen).toMatchObject({ result: 'match', justified: 'not-opened', justification: '' });
  });

  it('goes with its case, and what an auditor asks for then is not there', async () => {
    const order = ['--reason', 'request', '--reference', 'request 12/26'];
    expect(await run('retention', 'erase-case', sent.caseId, '--member', HOTLINE, ...order)).toBe(0);
    expect(await inspect(HOTLINE)).toMatchObject({ exit: 1, result: 'erased', justification: '' });
  });
});

describe('an authority', () => {
  const WHO = ['--member', POLICE];
  const ORDER = examples().find(({ file }) => file.startsWith('10-')) as Example;

  it('that does not say why sends nothing and sees nothing, and is told what to do', async () => {
    const desk = edgeClient(net.home, POLICE, { actor: NAME });
    const missing = { status: 400, code: 'justification-missing' };
    await expect(desk.inbox()).rejects.toMatchObject(missing);
    await expect(desk.send(ORDER.submission)).rejects.toMatchObject(missing);
    expect((await net.client(POLICE).messages()).messages).toEqual([]);
    expect(await run('inbox', ...WHO)).toBe(1);
    expect(await run('inbox', ...WHO, '--justification', WHY)).toBe(0);
  });

  it('that says why is delivered, and its log of accesses has the reason of each look', async () => {
    const sending = ['send', join(examplesDir, ORDER.file), '--wait', '180', '--json'];
    expect(await run(...sending)).toBe(1);
    expect(await run(...sending, '--justification', WHY)).toBe(0);
    const { id } = JSON.parse(printed.text) as { id: string };
    expect((await headerOf(id)).justificationCommitment).toHaveLength(32);
    const { entries } = await net.client(POLICE).access(0);
    const reasons = entries.map(
      ({ entry }) => (JSON.parse(entry) as { justification: string }).justification,
    );
    expect(reasons.length).toBeGreaterThan(1);
    expect(reasons).not.toContain('');
  });

  it('is asked why its plan of retention is wanted, and shows it then', async () => {
    const plan = ['retention', 'plan', ...WHO];
    expect(await run(...plan)).toBe(1);
    expect(printed.text).toContain('Entente-Justification');
    expect(await run(...plan, '--actor', NAME, '--justification', 'Before the audit of file 18/26')).toBe(0);
    expect(printed.text).toMatch(new RegExp(`^${POLICE}: each content stays `));
  });
});
