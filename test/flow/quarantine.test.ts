import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { paths, runProgram } from '@entente/cli';
import { newId, wire } from '@entente/contract';
import { openQuarantine } from '@entente/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestNetwork, type TestNetwork } from '../kit/network.js';
import { capturePrinted } from '../kit/printed.js';

let net: TestNetwork;
beforeAll(async () => {
  net = await startTestNetwork();
});
afterAll(async () => await net?.stop());
const printed = capturePrinted();

/** In the folder of a running gate, or edge, as if it had failed on it there. */
function setAside(folder: string, caseId: string, frame: 'crossing' | 'delivery'): string {
  const header = wire.header.encode({ protocol: 1, id: newId(), caseId });
  const seal = Buffer.from(`e30.${Buffer.from(header).toString('base64url')}.c2ln`);
  const bytes = wire[frame].encode({ passage: { envelope: { seal }, proofs: [] } });
  const subject = frame === 'crossing' ? 'cross.FR.DE.hotline_de' : 'edge.in.isp_fr';
  const id = newId();
  openQuarantine(folder).keep(id, { source: 'DE', subject, bytes }, new Error(), Date.now());
  return id;
}
const ofGate = () => paths.quarantine(net.home.dir, 'FR');
const left = (folder = ofGate()) =>
  openQuarantine(folder)
    .list()
    .map(({ id }) => id);

async function run(...args: string[]): Promise<{ code: number; said: string }> {
  printed.text = '';
  const code = await runProgram([...args, '--home', net.home.dir]);
  return { code, said: printed.text };
}
const WHY = ['--reason', 'mistake', '--reference', 'ticket 12/26'];
const WHO = ['--proposed-by', 'unit 4', '--approved-by', 'head'];
const drop = (...args: string[]) => run('quarantine', 'drop', ...args, ...WHY);

describe('what a gate has in quarantine', () => {
  it('is kept by a legal hold on a case that no log names, and then nobody drops it', async () => {
    const caseId = newId();
    const id = setAside(ofGate(), caseId, 'crossing');
    const file = ['--reason', 'court file 17/26', '--proposed-by', 'unit 4'];
    const held = await run('retention', 'hold', caseId, ...file);
    expect(held.said).toMatch(/^ledger of DE: holds nothing of it\ngate of DE: holds nothing of it$/m);
    expect(held.said).toMatch(/^ledger of FR: laid.*\ngate of FR: laid/m);
    expect(held.code).toBe(0);
    for (const which of [[id], ['--case', caseId]]) {
      const refused = await drop(...which, '--nation', 'FR', ...WHO);
      expect([refused.code, refused.said]).toEqual([1, expect.stringContaining('REFUSED')]);
    }
    const erase = await run('retention', 'erase', caseId, ...WHY, ...WHO, '--nation', 'FR');
    expect([erase.code, erase.said]).toEqual([1, expect.stringContaining('REFUSED')]);
    expect(left()).toEqual([id]);
    expect((await run('retention', 'hold', caseId, '--end', ...WHO)).code).toBe(0);
    expect((await drop(id, '--nation', 'FR', ...WHO)).code).toBe(0);
    expect(left()).toEqual([]);
  });

  it('is dropped by who says why and on whose wish, with an entry of the log, and by nobody else', async () => {
    const [one, other] = [setAside(ofGate(), newId(), 'crossing'), setAside(ofGate(), newId(), 'crossing')];
    const at = ['--nation', 'FR'];
    expect((await run('quarantine', 'drop', one, ...at, ...WHO)).code).toBe(2);
    expect((await drop(one, ...at)).code).toBe(2);
    expect((await drop(one, '--case', newId(), ...at, ...WHO)).code).toBe(2);
    expect((await drop(newId(), ...at, ...WHO)).code).toBe(1);
    expect(left().sort()).toEqual([one, other].sort());
    expect((await drop(one, ...at, ...WHO)).code).toBe(0);
    expect(left()).toEqual([other]);
    const { said } = await run('audit', 'changes', ...at);
    expect(said).toMatch(
      /quarantine-end \(#\d+\) {2}a message in quarantine: mistake, ticket 12\/26\n +proposed by unit 4, approved by head$/m,
    );
    expect((await run('audit', 'verify', ...at)).code).toBe(0);
    expect((await drop(other, ...at, ...WHO)).code).toBe(0);
  });

  it('goes with an order to erase its case, also where no log names that; the other nation is told of its own', async () => {
    const caseId = newId();
    const other = setAside(ofGate(), newId(), 'crossing');
    for (let n = 0; n < 2; n += 1) setAside(ofGate(), caseId, 'crossing');
    const elsewhere = setAside(paths.quarantine(net.home.dir, 'DE'), caseId, 'crossing');
    // Nothing is ordered here, where nobody can say what is there.
    const unreadable = join(paths.quarantine(net.home.dir, 'DE'), `FR@${newId()}.json`);
    writeFileSync(unreadable, 'no JSON');
    expect((await run('retention', 'erase', caseId, ...WHY, ...WHO, '--nation', 'FR')).code).not.toBe(0);
    expect(left()).toHaveLength(3);
    expect(readdirSync(join(ofGate(), 'erase')).filter((name) => name.startsWith(caseId))).toEqual([]);
    rmSync(unreadable);
    const { code, said } = await run('retention', 'erase', caseId, ...WHY, ...WHO, '--nation', 'FR');
    expect(said).toContain('The gate of FR is asked to drop 2 messages from its quarantine:\n  done: ');
    expect(said).toContain(
      `0 entries of this case, its gate 1 message in quarantine, for which the same is ordered with: entente retention erase ${caseId} --nation DE`,
    );
    expect([code, left()]).toEqual([0, [other]]);
    expect((await run('retention', 'erase', caseId, ...WHY, ...WHO, '--nation', 'FR')).code).toBe(2);
    expect(left(paths.quarantine(net.home.dir, 'DE'))).toEqual([elsewhere]);
  });
});

it('what an edge has in quarantine is dropped by the edge, on record, and not through its folder', async () => {
  const folder = paths.edgeQuarantine(net.home.dir, 'isp.fr');
  const id = setAside(folder, newId(), 'delivery');
  expect(existsSync(join(folder, '..', 'edge.sqlite'))).toBe(true);
  expect((await drop(id, '--folder', folder, ...WHO)).code).toBe(2);
  expect((await drop('--case', newId(), '--member', 'isp.fr')).code).toBe(2);
  expect(left(folder)).toEqual([id]);
  expect((await drop(id, '--member', 'isp.fr', '--actor', 'desk', ...WHO)).code).toBe(0);
  expect(left(folder)).toEqual([]);
  const { said } = await run('access', 'show', '--member', 'isp.fr', '--actor', 'desk');
  expect(said).toContain('erasure-order');
  expect((await drop(id, '--member', 'isp.fr', '--actor', 'desk')).code).toBe(1);
});
