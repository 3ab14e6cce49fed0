import { LIMITS, newId, wire } from '@entente/contract';
import { watchClock } from '@entente/runtime';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startBorder, type TestBorder } from './fixture/test-border.js';
import { approval, digest, handedIn, referral, type Sealed } from './fixture/test-messages.js';
import { summary } from './fixture/test-readers.js';
import { fromMember } from './from-member.js';
import type { GateDeps } from './state.js';

let border: TestBorder;
beforeAll(async () => {
  border = await startBorder();
});
afterAll(async () => await border?.stop());
beforeEach(() => void border.said());

const handIn = async ({ bytes }: Pick<Sealed, 'bytes'>, by = 'hotline.nl', gate = border.gate) =>
  await fromMember(gate, handedIn(by, bytes));
const told = async (member = 'hotline.nl') => (await border.deliveredTo(member)).map(summary);
const counted = async (line: string) =>
  (await border.metrics.text()).split('\n').find((one) => one.startsWith(line));

describe('before a seal holds, nothing is logged and only the NATS user is told:', () => {
  const flip = (bytes: Uint8Array, at: number) => {
    const copy = Buffer.from(bytes);
    copy.writeUInt8((copy.at(at) ?? 0) ^ 1, at < 0 ? copy.length + at : at);
    return copy;
  };
  const withSeal = ({ envelope }: Sealed, seal: Uint8Array) => wire.envelope.encode({ ...envelope, seal });
  const german = () => border.nations.de.keys.get('hotline.de')?.sign.signer as never;

  it.each<[string, string, () => Promise<Uint8Array>]>([
    ['more than the limit', 'too-large', async () => new Uint8Array(LIMITS.envelope + 1)],
    ['what is no envelope', 'frame-malformed', async () => new Uint8Array(LIMITS.envelope)],
    ['nothing', 'seal-malformed', async () => new Uint8Array()],
    [
      'a signature that does not match',
      'signature-wrong',
      async () => {
        const message = await referral(border);
        const text = Buffer.from(message.envelope.seal).toString('latin1');
        const [header, payload, signature = ''] = text.split('.');
        const other = flip(Buffer.from(signature, 'base64url'), 3).toString('base64url');
        return withSeal(message, Buffer.from([header, payload, other].join('.')));
      },
    ],
    [
      'the key of nobody',
      'key-unknown',
      async () => (await referral(border, { signer: border.nations.nl.agency.signer })).bytes,
    ],
    [
      'the key of a suspended member',
      'key-not-valid',
      async () =>
        (await approval(border, { by: 'gone.nl', about: { id: newId(), hash: Buffer.alloc(32) } })).bytes,
    ],
    [
      "another member's key",
      'sender-mismatch',
      async () => (await referral(border, { signer: german() })).bytes,
    ],
    [
      'another body beside the seal',
      'body-mismatch',
      async () => {
        const { envelope } = await referral(border);
        return wire.envelope.encode({ ...envelope, body: flip(envelope.body, -2) });
      },
    ],
    [
      "what another member sealed, with that member's own key",
      'sender-mismatch',
      async () => (await referral(border, { from: 'police.nl', to: 'isp.nl hosting' })).bytes,
    ],
  ])('%s', async (_what, code, make) => {
    const bytes = await make();
    const size = border.logSize();
    const before = Number(
      (await counted(`entente_gate_dropped_total{queue="member",code="${code}"}`))?.split(' ')[1] ?? 0,
    );
    expect(await handIn({ bytes })).toBe('drop');
    expect(border.logSize()).toBe(size);
    const deliveries = await border.deliveredTo('hotline.nl');
    expect(deliveries.map(summary)).toEqual([`notice ${code}`]);
    expect(Buffer.from(deliveries[0]?.notice?.envelopeSha256 ?? []).toString('hex')).toBe(digest(bytes));
    expect(border.said()).toMatchObject([
      {
        level: 'warn',
        message: 'refused, and not on record',
        facts: { member: 'hotline.nl', code, bytes: bytes.length },
      },
    ]);
    expect(await counted(`entente_gate_dropped_total{queue="member",code="${code}"}`)).toMatch(
      new RegExp(` ${before + 1}$`),
    );
    expect(await border.crossed()).toEqual([]);
  });

  it('and the operator reads what was wrong', async () => {
    const { bytes } = await referral(border, { from: 'police.nl', to: 'isp.nl hosting' });
    await handIn({ bytes });
    const detail = 'the message was handed in by another member than its sender';
    expect(border.said()).toMatchObject([{ facts: { code: 'sender-mismatch', detail } }]);
    await told();
  });

  it('and not too often', async () => {
    const asked: string[] = [];
    const gate = { ...border.gate, mayNotify: (token: string) => asked.push(token) > 1 };
    expect(await handIn({ bytes: new Uint8Array(3) }, 'isp.nl', gate)).toBe('drop');
    expect(await told('isp.nl')).toEqual([]);
    expect(border.said()).toEqual([]);
    expect(await handIn({ bytes: new Uint8Array(3) }, 'isp.nl', gate)).toBe('drop');
    expect(border.said()).toHaveLength(1);
    expect(await told('isp.nl')).toEqual(['notice frame-malformed']);
    expect(asked).toEqual(['isp_nl', 'isp_nl']);
  });
});

describe('while the clocks of a gate and of its ledger differ', () => {
  const setAhead = (byMs: number): GateDeps => {
    const now = () => border.gate.now() + byMs;
    const clock = watchClock(now, LIMITS.skewMs);
    clock.tell(border.gate.now());
    return { ...border.gate, now, clock };
  };

  it.each([3_600_000, -3_600_000])(
    'by %i ms, nothing is refused, dropped or logged, and what comes again passes',
    async (byMs) => {
      const size = border.logSize();
      for (const message of [await referral(border), await lateReferral()]) {
        await expect(handIn(message, 'hotline.nl', setAhead(byMs))).rejects.toMatchObject({
          name: 'ClockDiffers',
        });
      }
      expect([border.logSize(), await told()]).toEqual([size, []]);
      expect(await handIn(await lateReferral(), 'hotline.nl', setAhead(LIMITS.skewMs - 5000))).toBe('done');
      expect(await told()).toEqual(['submission-accepted crossing']);
    },
  );

  /** By a clock that is an hour ahead it is over, by one that is behind it comes from the future. */
  const lateReferral = async () =>
    await referral(border, {
      header: { issuedAtMs: Date.now() - 1000, expiresAtMs: Date.now() + 1_800_000 },
    });
});
