import { existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { chooseLogs, paths, readCase, runProgram } from '@entente/cli';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { phishingNotice } from '../kit/examples.js';
import { ended } from '../kit/holds.js';
import { startTestNetwork, type TestNetwork } from '../kit/network.js';
import { capturePrinted } from '../kit/printed.js';
import { waitFor } from '../kit/wait.js';

const [FROM, TO] = ['hotline.de', 'isp.de'] as const;
const ABROAD = 'isp.fr';
let net: TestNetwork;
let inside: string;
let across: string;
beforeAll(async () => {
  net = await startTestNetwork();
  inside = await send(TO);
  across = await send(ABROAD);
});
afterAll(async () => await net?.stop());

const printed = capturePrinted();

async function send(to: string): Promise<string> {
  const { id, case_id: caseId } = await net.client(FROM).send(phishingNotice(to));
  await ended(net, id, FROM);
  return caseId;
}
const WHO = ['--proposed-by', 'unit 4', '--approved-by', 'legal service', '--actor', 'desk'];
const hold = async (caseId: string, ...more: string[]) => {
  printed.text = '';
  const code = await runProgram([
    'retention',
    'hold',
    caseId,
    ...more,
    ...WHO,
    '--home',
    net.home.dir,
    '--json',
  ]);
  const { holders } = JSON.parse(printed.text || '{"holders":[]}') as {
    holders: { holder: string; state: string }[];
  };
  return { code, states: Object.fromEntries(holders.map(({ holder, state }) => [holder, state])) };
};
const FILE = ['--reason', 'court file 17/26'];

describe('a legal hold', () => {
  it('is laid by one command at all who hold something of a case, and at nobody else', async () => {
    expect(await hold(inside, ...FILE)).toEqual({
      code: 0,
      states: {
        ...{ 'ledger of DE': 'laid', 'gate of DE': 'laid', [FROM]: 'laid', [TO]: 'laid' },
        ...{
          'ledger of FR': 'nothing',
          'gate of FR': 'nothing',
          'hotline.fr': 'nothing',
          [ABROAD]: 'nothing',
        },
      },
    });
    expect(existsSync(join(paths.ledger(net.home.dir, 'FR'), 'legal-hold.json'))).toBe(false);
    const begun = await waitFor('its entry', async () => {
      const { settings } = await readCase(chooseLogs({ home: net.home.dir, nation: 'DE' }), inside);
      return settings[0];
    });
    expect(begun).toMatchObject({ begins: true, proposedBy: 'unit 4', approvedBy: ['legal service'] });
    printed.text = '';
    expect(await runProgram(['retention', 'plan', '--home', net.home.dir])).toBe(0);
    expect(
      printed.text.match(new RegExp(`: case ${inside} \\(court file 17/26\\), which keeps 1 content`, 'g')),
    ).toHaveLength(2);
    expect(printed.text).toMatch(/^DE: 0 erased already, [1-9]\d* under legal hold/m);
    const erase = [
      'retention',
      'erase-case',
      inside,
      '--member',
      TO,
      '--reason',
      'request',
      '--reference',
      'x',
    ];
    expect(await runProgram([...erase, '--home', net.home.dir])).toBe(1);
  });

  it('that is there stays as it is, and who was not reached is reached by the same command again', async () => {
    const ledger = paths.ledger(net.home.dir, 'FR');
    await net.network.kill(ABROAD);
    renameSync(ledger, `${ledger}.away`);
    const first = await hold(across, ...FILE);
    renameSync(`${ledger}.away`, ledger);
    await net.network.restart(ABROAD);
    expect(first.code).toBe(1);
    expect(first.states).toMatchObject({
      ...{ 'ledger of DE': 'laid', [FROM]: 'laid', [TO]: 'nothing' },
      ...{ 'ledger of FR': 'not-reached', 'gate of FR': 'laid', [ABROAD]: 'not-reached' },
    });
    const again = await hold(across, '--reason', 'another file');
    expect(again.code).toBe(0);
    expect(again.states).toMatchObject({
      ...{ 'ledger of DE': 'already', 'gate of DE': 'already', [FROM]: 'already' },
      ...{ 'ledger of FR': 'laid', 'gate of FR': 'already', [ABROAD]: 'laid' },
    });
    expect(printed.text).toContain('court file 17/26');
    const { cases } = JSON.parse(readFileSync(join(ledger, 'legal-hold.json'), 'utf8')) as {
      cases: string[];
    };
    expect(cases).toEqual([across]);
  });

  it('ends in the same way: everywhere, or in one nation', async () => {
    const german = await hold(across, '--end', '--nation', 'DE');
    expect(german).toEqual({
      code: 0,
      states: { 'ledger of DE': 'ended', 'gate of DE': 'ended', [FROM]: 'ended', [TO]: 'none' },
    });
    const rest = await hold(across, '--end');
    expect(rest.code).toBe(0);
    expect(rest.states).toMatchObject({
      'ledger of DE': 'none',
      [FROM]: 'none',
      'ledger of FR': 'ended',
      [ABROAD]: 'ended',
    });
    expect((await hold(across, '--end')).code).toBe(1);
  });

  it('that ends makes no folder for a gate that has none', async () => {
    const quarantine = paths.quarantine(net.home.dir, 'FR');
    renameSync(quarantine, `${quarantine}.away`);
    const { states } = await hold(inside, '--end', '--nation', 'FR');
    const isMade = existsSync(quarantine);
    if (!isMade) renameSync(`${quarantine}.away`, quarantine);
    expect({ isMade, state: states['gate of FR'] }).toEqual({ isMade: false, state: 'none' });
  });

  it('on a case that nobody has, or that names nobody who wants it, is laid nowhere', async () => {
    expect(await hold('f'.repeat(32), ...FILE)).toMatchObject({
      code: 1,
      states: { 'ledger of DE': 'nothing' },
    });
    expect((await hold(across)).code).toBe(2);
    const args = ['retention', 'hold', across, ...FILE, '--home', net.home.dir];
    expect(await runProgram(args)).toBe(2);
    expect(await runProgram([...args, '--proposed-by', 'a\nb'])).toBe(2);
    expect(await runProgram([...args, '--nation', 'DE', '--member', TO])).toBe(2);
    expect((await hold(across, '--end')).states).toMatchObject({ 'ledger of DE': 'none', [ABROAD]: 'none' });
  });
});
