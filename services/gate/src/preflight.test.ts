import { wire } from '@entente/contract';
import { findClocks } from '@entente/policy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBorder, type TestBorder } from './fixture/test-border.js';
import { NOTICE } from './fixture/test-messages.js';
import { preflight } from './preflight.js';

let border: TestBorder;
beforeAll(async () => {
  border = await startBorder({ hasGermanPack: true });
});
afterAll(async () => await border?.stop());

type Request = Partial<Parameters<typeof wire.preflightRequest.encode>[0]>;
const REQUEST = { from: 'hotline.nl', fromRole: 'hotline', to: 'isp.de', toRole: 'hosting', facts: NOTICE };
const ask = async (change: Request = {}, subject = 'gate.preflight.hotline_nl', gate = border.gate) =>
  wire.preflightReply.decode(
    await preflight(gate, wire.preflightRequest.encode({ ...REQUEST, ...change }), subject),
  );

const PERMITS = expect.arrayContaining([expect.objectContaining({ id: 'hotline-to-host' })]);

describe('a preflight', () => {
  it("asks both nations' packs, each for its own stage, and the clocks of each", async () => {
    const { verdicts, refusal } = await ask();
    expect(refusal).toBe('');
    expect(verdicts.map(({ nation, stage }) => [nation, stage])).toEqual([
      ['NL', 'leave'],
      ['DE', 'enter'],
    ]);
    const [leaving, entering] = verdicts;
    expect(leaving?.verdict).toMatchObject({
      decision: 'permit',
      rules: PERMITS,
      remedies: [],
    });
    // What the tables set is not stated yet, and the nation that it enters asks for it.
    expect(entering?.verdict).toMatchObject({
      ...{ decision: 'refuse', rules: [{ id: 'clocks-missing' }], remedies: ['clocks'] },
      reason: expect.stringContaining('State the deadlines'),
    });
    for (const { clocks } of verdicts)
      expect(clocks.map(({ clock }) => clock)).toEqual(
        expect.arrayContaining(['notice-repeat', 'act-on-notice']),
      );
  });

  it('asks one pack inside the nation', async () => {
    const { verdicts } = await ask({ to: 'isp.nl' });
    expect(verdicts.map(({ nation, stage }) => [nation, stage])).toEqual([['NL', 'inside']]);
  });

  it('asks our own alone where the other is not known here', async () => {
    const packs = { ...border.gate.packs, foreign: () => undefined };
    const { verdicts } = await ask({}, undefined, { ...border.gate, packs });
    expect(verdicts.map(({ nation }) => nation)).toEqual(['NL']);
  });

  it('says what a permit asks for, and each clock with its source and who may extend it', async () => {
    const { pack } = border.gate.packs.own();
    const day = new Date().toISOString().slice(0, 10);
    const party = (id: string, role: string) => ({ id, nation: 'NL', types: [], role }) as never;
    const facts = { ...NOTICE, category: 'terrorist-content', action: 'preserve', force: 'order' } as const;
    const crossing = {
      nation: 'NL',
      stage: 'inside',
      from: party('hotline.nl', 'hotline'),
      to: party('isp.nl', 'hosting'),
      facts,
      day,
    } as const;
    const rows = findClocks(pack.tables, crossing);
    expect(rows.length).toBeGreaterThan(0);
    const [own] = (await ask({ to: 'isp.nl', facts })).verdicts;
    expect(own?.clocks).toEqual(
      rows.map(({ clock, minutes, kind, starts, ends, extendedBy, source }) => ({
        ...{ clock, minutes, kind, starts, ends, extendedBy: extendedBy ?? '', basis: source },
      })),
    );
    const clocks = (await ask()).verdicts[0]?.clocks.map(({ clock, minutes }) => ({ clock, minutes })) ?? [];
    const [permitted] = (await ask({ facts: { ...NOTICE, clocks } })).verdicts;
    expect(permitted?.verdict).toMatchObject({
      decision: 'permit',
      rules: PERMITS,
      obligations: expect.arrayContaining([expect.stringMatching(/^retention:P\d+D$/)]),
      awaits: [],
    });
  });

  it('says for whom a message would wait', async () => {
    const facts = {
      ...NOTICE,
      category: 'fraud',
      action: 'block',
      force: 'order',
      scope: 'domain',
      instrument: 'blocking-order',
      legalBasis: ['national-law'],
    };
    const asked = { from: 'prosecutor.nl', fromRole: 'prosecutor', to: 'isp.nl', toRole: 'access' };
    const first = await ask({ ...asked, facts }, 'gate.preflight.prosecutor_nl');
    const clocks = first.verdicts[0]?.clocks.map(({ clock, minutes }) => ({ clock, minutes })) ?? [];
    const { verdicts } = await ask({ ...asked, facts: { ...facts, clocks } }, 'gate.preflight.prosecutor_nl');
    expect(verdicts[0]?.verdict).toMatchObject({
      ...{ decision: 'hold', awaits: ['court@NL'], holdMinutes: 24 * 60 },
    });
  });

  it('asks about the day that it is', async () => {
    const derogation = { ...NOTICE, legalBasis: ['csam-derogation'] };
    const asked = {
      from: 'isp.nl',
      fromRole: 'platform',
      to: 'hotline.nl',
      toRole: 'hotline',
      facts: derogation,
    };
    const at = async (day: string) => {
      const now = () => Date.parse(`${day}T23:59:59Z`);
      const long = {
        ...border.gate.directory(),
        member: (id: string) => border.gate.directory().member(id, Date.now()),
      };
      const reply = await ask(asked, 'gate.preflight.isp_nl', { ...border.gate, now, directory: () => long });
      return reply.verdicts.flatMap(({ verdict }) => verdict?.rules.map(({ id }) => id));
    };
    expect(await at('2026-04-03')).not.toContain('csam-derogation-lapsed');
    expect(await at('2026-04-04')).toContain('csam-derogation-lapsed');
  });

  it.each<[string, string, Request, string?]>([
    ['another member asks', 'sender-mismatch', {}, 'gate.preflight.isp_nl'],
    ['facts are missing', 'facts-malformed', { facts: null }],
    ['facts hold words of their own', 'facts-malformed', { facts: { ...NOTICE, category: 'gossip' } }],
    ['the sender is suspended', 'recipient-unknown', { from: 'gone.nl' }, 'gate.preflight.gone_nl'],
    ['the recipient is nobody', 'recipient-unknown', { to: 'nobody.de' }],
    ['the sender has not that role', 'role-not-held', { fromRole: 'court' }],
    ['the recipient has not that role', 'role-not-held', { toRole: 'registrar' }],
  ])('is refused with its code when %s', async (_what, code, change, subject) => {
    expect(await ask(change, subject)).toEqual({ verdicts: [], refusal: code });
  });

  it('is refused when it cannot be decoded', async () => {
    const reply = await preflight(border.gate, Buffer.from('x'), 'gate.preflight.hotline_nl');
    expect(wire.preflightReply.decode(reply).refusal).toBe('frame-malformed');
  });

  it('is no answer while there is no pack to decide by', async () => {
    const own = () => {
      throw new Error('there is no pack');
    };
    const gate = { ...border.gate, packs: { ...border.gate.packs, own } };
    await expect(ask({}, undefined, gate)).rejects.toThrow('there is no pack');
  });
});
