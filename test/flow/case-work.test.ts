import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  chooseLogs,
  paths,
  readCase,
  replayLog,
  runProgram,
  type Transfer,
  verifyEvidence,
  verifyLedgers,
} from '@entente/cli';
import { loadAnchors } from '@entente/members';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { notice, referralOf, removed, say, sendReferral } from '../kit/case-work.js';
import { startTestNetwork, type TestNetwork } from '../kit/network.js';
import { capturePrinted } from '../kit/printed.js';
import { refusals } from '../kit/state.js';
import { waitFor } from '../kit/wait.js';

let net: TestNetwork;
beforeAll(async () => {
  net = await startTestNetwork();
});
afterAll(async () => await net?.stop());

const HOTLINE = 'hotline.de';
const ISP = 'isp.fr';
const send = () => sendReferral(net, HOTLINE, notice(ISP));
/** What both ends have in common. */
const shared = async (member: string, caseId: string) => {
  const { end: _, counterpart: __, possible: ___, ...rest } = await referralOf(net, member, caseId);
  return rest;
};

describe('a case with two recipients', () => {
  it('goes on with each, and neither reads of the other', async () => {
    const { id, caseId } = await send();
    const other = await sendReferral(net, HOTLINE, { ...notice('isp.de'), case_id: caseId });
    expect(other.caseId).toBe(caseId);
    const accept = { update: 'accept', act_by: '2030-01-01T00:00:00Z' };
    for (const isp of ['isp.de', ISP]) await say(net, isp, caseId, accept);
    const recall = { update: 'recall', in_reply_to: id, recall_ground: 'mistake', remove_copy: true };
    await say(net, HOTLINE, caseId, { ...recall, text: 'It was sent to the wrong one.' });
    const { referrals } = await net.client(HOTLINE).case(caseId);
    expect(referrals.map(({ counterpart, state }) => [counterpart, state]).sort()).toEqual([
      ['isp.de', 'accepted'],
      [ISP, 'recalled'],
    ]);
    expect(await referralOf(net, ISP, caseId)).toMatchObject({ state: 'recalled' });
    expect(await referralOf(net, 'isp.de', caseId)).toMatchObject({ state: 'accepted' });
  });
});

describe('a notice across a border', () => {
  it('is opened, accepted, acted on item by item, looked at again and closed; both ends read the same', async () => {
    const { id, caseId } = await send();
    expect(await referralOf(net, ISP, caseId)).toMatchObject({ end: 'recipient', state: 'open' });
    await net.client(ISP).openCase(caseId);
    await waitFor('evidence of retrieval', async () =>
      (await net.client(HOTLINE).message(id)).evidence.find(({ evidence }) => evidence === 'retrieved'),
    );

    await say(net, ISP, caseId, { update: 'accept', act_by: '2030-01-01T00:00:00Z' });
    await say(net, ISP, caseId, removed('i1'));
    expect(await shared(HOTLINE, caseId)).toMatchObject({ state: 'accepted' });
    await say(net, ISP, caseId, removed('i2'));
    await say(net, HOTLINE, caseId, {
      update: 'check',
      items: [{ id: 'i1', check: { seen: 'gone', at: '2026-11-24T12:00:00Z', from_country: 'DE' } }],
    });
    await say(net, HOTLINE, caseId, { update: 'close' });

    const here = await shared(HOTLINE, caseId);
    expect(here).toMatchObject({
      state: 'closed',
      items: [{ results: ['removed'], check: { seen: 'gone' } }, { results: ['removed'] }],
    });
    expect(here.said.map(({ content }) => content.update)).toEqual([
      'accept',
      'outcome',
      'outcome',
      'check',
      'close',
    ]);
    expect(here.clocks.find(({ clock }) => clock === 'act-on-notice')).toMatchObject({
      met_at: expect.any(String),
      is_overdue: false,
    });
    expect(await shared(ISP, caseId)).toEqual(here);
    expect(await refusals(net, ISP)).toEqual([]);
    expect((await verifyLedgers(net.home)).every(({ verified }) => verified)).toBe(true);
  });

  it('is rejected with a ground and in words, and its originator answers questions, corrects and escalates', async () => {
    const { caseId } = await send();
    const question = await say(net, ISP, caseId, { update: 'ask', text: 'Which album?' });
    expect((await referralOf(net, HOTLINE, caseId)).questions).toEqual([
      { id: question, text: 'Which album?' },
    ]);
    await say(net, HOTLINE, caseId, { update: 'answer', answers: question, text: 'The second.' });
    await say(net, ISP, caseId, {
      update: 'reject',
      ground: 'insufficient-information',
      text: 'There is no such album.',
    });
    expect(await shared(HOTLINE, caseId)).toMatchObject({ state: 'rejected', questions: [] });
    await say(net, HOTLINE, caseId, {
      update: 'correct',
      text: 'A letter was wrong.',
      items: [{ id: 'i1', address: { url: 'https://img.example.net/a/7Qk2w' } }],
    });
    await say(net, HOTLINE, caseId, { update: 'escalate', escalated_to: 'police' });
    const there = await shared(ISP, caseId);
    expect(there).toMatchObject({ state: 'open', is_escalated: true });
    expect(there.items[0]?.corrected_to).toEqual({ url: 'https://img.example.net/a/7Qk2w' });
    expect(there.items[1]).not.toHaveProperty('corrected_to');
    expect(await shared(HOTLINE, caseId)).toEqual(there);
  });

  it('is undone after an appeal', async () => {
    const { caseId } = await send();
    await say(net, ISP, caseId, removed('i1', 'i2'));
    await say(net, ISP, caseId, {
      update: 'outcome',
      items: [{ id: 'i2', outcome: { result: 'restored', at: '2026-11-24T12:00:00Z', ground: 'appeal' } }],
    });
    expect((await referralOf(net, HOTLINE, caseId)).items[1]?.results).toEqual(['removed', 'restored']);
  });
});

describe('the logs', () => {
  const printed = capturePrinted();

  it('tell of a case which updates there were, with their counts, and decide each again', async () => {
    const { caseId } = await send();
    await say(net, ISP, caseId, removed('i1', 'i2'));
    await say(net, HOTLINE, caseId, {
      update: 'check',
      items: [{ id: 'i1', check: { seen: 'gone', at: '2026-11-24T12:00:00Z', from_country: 'DE' } }],
    });
    const sources = chooseLogs({ home: net.home.dir });
    const told = (await readCase(sources, caseId)).entries
      .filter(({ stage }) => stage === 'leave')
      .map(({ says }) => says);
    expect(told).toEqual(
      expect.arrayContaining(['asks to remove', 'outcome, 2 removed', 'check, 1 gone', 'delivered']),
    );
    for (const source of sources) expect((await replayLog(source)).faults).toEqual([]);
  });

  it('count outcomes, what was seen by looking again, and how soon each recipient acted', async () => {
    expect(await runProgram(['audit', 'report', '--home', net.home.dir, '--json'])).toBe(0);
    const { sections } = JSON.parse(printed.text) as {
      sections: { title: string; sum: number; rows: Record<string, string | number | null>[] }[];
    };
    const rowsOf = (start: string) => sections.find(({ title }) => title.startsWith(start))?.rows ?? [];
    const results = Object.fromEntries(
      rowsOf('What recipients say').map(({ recipient, result, count }) => [`${recipient} ${result}`, count]),
    );
    expect(results).toMatchObject({ 'isp.fr removed': expect.any(Number), 'isp.fr restored': 1 });
    const about = { recipient: 'isp.fr', category: 'csam', action: 'remove' };
    expect(rowsOf('What others saw')).toMatchObject([{ ...about, seen: 'gone', count: 2 }]);
    expect(rowsOf('Referrals delivered')[0]).toMatchObject(about);
    // None is a day old.
    expect(sections.find(({ title }) => title.startsWith('Items to be removed'))).toMatchObject({
      sum: expect.any(Number),
      rows: [{ category: 'csam', age: 'any', seen_gone: null }],
    });
    expect(rowsOf('Time of each leg').map(({ leg }) => leg)).toEqual(
      expect.arrayContaining(['sender to first gate', 'gate to gate', 'delivery to action']),
    );
  });

  it('list each transfer with its ground and its data, and draw the report as a page', async () => {
    const args = ['audit', 'register', '--home', net.home.dir, '--nation', 'DE'];
    printed.text = '';
    expect(await runProgram([...args, '--json'])).toBe(0);
    const lines = printed.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const { notInRegister, faults } = lines.pop();
    expect([notInRegister.length > 0, faults]).toEqual([true, []]);
    const transfers: Transfer[] = lines;
    expect(transfers[0]).toMatchObject({ nation: 'DE', to: ISP, toNation: 'FR', category: 'csam' });
    expect(transfers.every(({ rules, purpose }) => rules.length > 0 && purpose !== '')).toBe(true);
    printed.text = '';
    const noted = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    expect(await runProgram([...args, '--csv'])).toBe(0);
    expect(printed.text.trim().split('\n')).toHaveLength(1 + transfers.length);
    for (const words of notInRegister) {
      expect(noted).toHaveBeenCalledWith(expect.stringContaining(words));
    }
    printed.text = '';
    expect(await runProgram(args)).toBe(0);
    expect(printed.text).toContain(`${transfers.length} transfers.`);
    const page = join(net.home.dir, 'report.html');
    expect(await runProgram(['audit', 'report', '--home', net.home.dir, '--html', page])).toBe(0);
    expect(readFileSync(page, 'utf8')).toContain('<svg');
  });
});

describe('a court', () => {
  it('reads from one file what was asked, what each end said of it, and that a person opened it', async () => {
    const { id, caseId } = await send();
    await say(net, ISP, caseId, removed('i1', 'i2'));
    await say(net, HOTLINE, caseId, { update: 'repeat' }).catch(() => undefined);
    await say(net, HOTLINE, caseId, { update: 'escalate', escalated_to: 'police' });
    await net.client(ISP).openCase(caseId);
    await waitFor('evidence of retrieval', async () =>
      (await net.client(HOTLINE).message(id)).evidence.find(({ evidence }) => evidence === 'retrieved'),
    );
    const anchors = await loadAnchors(paths.anchors(net.home.dir));
    for (const holder of [HOTLINE, ISP]) {
      const { proved, findings } = await verifyEvidence(
        await net.client(holder).evidenceFile(caseId, true),
        anchors,
      );
      const words = findings.map((finding) => finding.words).join('\n');
      expect(proved, words).toBe(true);
      expect(words).toContain(`${ISP} says of the message ${id}: outcome: 2 removed.`);
      expect(words).toContain(`${HOTLINE} says of the message ${id}: escalate.`);
      if (holder === HOTLINE) expect(words).toContain('"retrieved"');
    }
  });
});
