import { openDirectory } from '@entente/cli';
import { packBatch, wire } from '@entente/contract';
import { encryptFor } from '@entente/seal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { notice, sendReferral } from '../kit/case-work.js';
import { natsPort, sealed, seedOf } from '../kit/hostile.js';
import { logAs } from '../kit/log-as.js';
import { startTestNetwork, type TestNetwork } from '../kit/network.js';
import { type Collector, type ReadSpan, startCollector } from '../kit/otlp.js';
import { openRawNats } from '../kit/raw-nats.js';
import { received } from '../kit/state.js';
import { type Tap, tapMember } from '../kit/tap.js';
import { waitFor } from '../kit/wait.js';

let collector: Collector;
let net: TestNetwork;
let hostile: Tap;
beforeAll(async () => {
  collector = await startCollector();
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = collector.endpoint;
  net = await startTestNetwork(undefined, ['hotline.de']);
  hostile = await tapMember(net, 'hotline.de');
});
afterAll(async () => {
  delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
  await hostile?.close();
  await net?.stop();
  await collector?.stop();
});

const says = ({ owner, name, words }: ReadSpan) => `${owner} ${name} ${words['entente.stage'] ?? ''}`.trim();
const inTrace = (traceId: string) => collector.spans.filter((span) => span.traceId === traceId);
const traceOf = (messageHash: Uint8Array) => Buffer.from(messageHash).toString('hex').slice(0, 32);
const rootOf = (messageHash: Uint8Array) => Buffer.from(messageHash).toString('hex').slice(32, 48);

/** The spans of one trace, once those that are named have come. */
async function traced(traceId: string, ...named: string[]): Promise<ReadSpan[]> {
  return await waitFor(`spans of ${traceId}: ${named.join(', ')}`, async () => {
    const spans = inTrace(traceId);
    return named.every((one) => spans.some((span) => says(span) === one)) ? spans : undefined;
  }).catch((cause) => {
    throw new Error(`there are: ${inTrace(traceId).map(says).join(', ')}`, { cause });
  });
}

describe('one referral', () => {
  it('is one trace through the services of both nations, and back', async () => {
    const { id } = await sendReferral(net, 'hotline.fr', notice('isp.de'));
    const first = await waitFor('its first span', async () =>
      collector.spans.find(({ name, words }) => name === 'edge.send' && words['entente.message.id'] === id),
    );
    const spans = await traced(
      first.traceId,
      ...['hotline.fr edge.send', 'FR gate.pass leave', 'FR gate.record', 'FR ledger.append'],
      ...['FR gate.forward', 'FR gate.answer', 'DE gate.pass enter', 'DE gate.record', 'DE ledger.append'],
      ...['DE gate.forward', 'DE gate.answer', 'isp.de edge.receive', 'FR gate.return enter'],
      ...['hotline.fr edge.evidence leave', 'hotline.fr edge.evidence enter'],
    );
    const parentOf = (span: string) => {
      const { parentSpanId } = spans.find((one) => says(one) === span) as ReadSpan;
      return spans.filter(({ spanId }) => spanId === parentSpanId).map(says);
    };
    expect(first.parentSpanId).toBe('');
    expect(first.words['entente.message.hash']?.slice(0, 32)).toBe(first.traceId);
    expect(parentOf('FR gate.pass leave')).toEqual(['hotline.fr edge.send']);
    expect(parentOf('FR ledger.append')).toEqual(['FR gate.record']);
    expect(parentOf('FR gate.record')).toEqual(['FR gate.pass leave']);
    // Nothing of one nation's spans crosses the border: what is over there stands under the first.
    expect(parentOf('DE gate.pass enter')).toEqual(['hotline.fr edge.send']);
    expect(parentOf('DE ledger.append')).toEqual(['DE gate.record']);
    expect(parentOf('isp.de edge.receive')).toEqual(['DE gate.forward']);
    expect(parentOf('hotline.fr edge.evidence leave')).toEqual(['FR gate.answer']);
    expect(parentOf('hotline.fr edge.evidence enter')).toEqual(['FR gate.return enter']);
    expect(spans.filter(({ isError }) => isError)).toEqual([]);
  });

  it('is what the trace of its evidence is linked to', async () => {
    const evidence = await waitFor('a link', async () =>
      collector.spans.find(({ owner, name, links }) => `${owner} ${name}` === 'DE gate.pass' && links[0]),
    );
    const about = inTrace(evidence.links[0]?.traceId ?? '');
    expect(about.map(says)).toContain('hotline.fr edge.send');
    expect(evidence.traceId).not.toBe(about[0]?.traceId);
  });

  it('shows ids, digests and words of closed lists, and nothing else', async () => {
    const { id } = await sendReferral(net, 'hotline.fr', notice('isp.de'));
    await waitFor('its spans', async () => (collector.text().includes(id) ? true : undefined));
    const words = new Set(collector.spans.flatMap((span) => Object.keys(span.words)));
    expect([...words].toSorted()).toEqual([
      ...['entente.code', 'entente.decision', 'entente.message.hash', 'entente.message.id', 'entente.stage'],
    ]);
    for (const { words } of collector.spans) {
      expect(words['entente.message.id'] ?? id).toMatch(/^[\w-]{20,40}$/);
      expect(words['entente.message.hash'] ?? '0'.repeat(64)).toMatch(/^[0-9a-f]{64}$/);
      for (const name of ['stage', 'decision', 'code'])
        expect(words[`entente.${name}`] ?? '').toMatch(/^[a-z-]*$/);
    }
    expect(collector.text()).not.toMatch(/csam|example\.net|https?:|remove|hosting|dsa/i);
  });
});

const OTHER = 'a'.repeat(32);
const HOSTILE = (own: string) => [
  `00-${OTHER}-${'b'.repeat(16)}-01`,
  `ff-${own}-${'b'.repeat(16)}-01`,
  `01-${own}-${'b'.repeat(16)}-01-more`,
  `00-${own}-${'0'.repeat(16)}-01`,
  `00-${own.toUpperCase()}-${'b'.repeat(16)}-01`,
  `00-${own}-${'b'.repeat(16)}-01 `.padEnd(20_000, '-'),
  `00-${own}-${'b'.repeat(16)}`,
];

describe('a hostile traceparent', () => {
  it('of a member puts its message under no other trace, and under no span that is none', async () => {
    const { envelope, messageHash } = await sealed(net.home, 'hotline.de', notice('isp.fr'));
    const own = traceOf(messageHash);
    const raw = await openRawNats(natsPort(net.home, 'DE'), seedOf(net.home, 'hotline.de', 'nats.nkey'));
    raw.publish(
      'edge.out.hotline_de',
      envelope,
      '',
      HOSTILE(own).map((one) => `traceparent: ${one}`),
    );
    await raw.flush();
    const spans = await traced(own, 'DE gate.pass leave', 'FR gate.pass enter', 'isp.fr edge.receive');
    for (const name of ['DE gate.pass leave', 'FR gate.pass enter'])
      expect(spans.find((span) => says(span) === name)?.parentSpanId, name).toBe(rootOf(messageHash));
    expect(inTrace(OTHER)).toEqual([]);
    expect(collector.text()).not.toMatch(/b{16}/);
    expect(raw.errors).toEqual([]);
    raw.close();
  });

  it('of another nation is not looked at, though it is well formed and names the right trace', async () => {
    const { envelope, messageHash, draft } = await sealed(net.home, 'hotline.de', notice('isp.fr'));
    const proof = await logAs(net.home, 'DE', envelope, { stage: 'leave' });
    const crossing = wire.crossing.encode({
      passage: { envelope: wire.envelope.decode(envelope), proofs: [proof] },
    });
    const subject = 'cross.FR.DE.hotline_de';
    const key = (await openDirectory(net.home)).gateKey('FR', Date.now());
    const parties = { from: 'DE', to: 'FR', mid: subject };
    const wrapped = await encryptFor(key, packBatch([crossing]), 'entente-crossing', parties);
    const seed = seedOf(net.home, 'services.de', 'gate-cross.nkey');
    const raw = await openRawNats(natsPort(net.home, 'DE'), seed);
    const own = traceOf(messageHash);
    const carried = [`traceparent: 00-${own}-${'c'.repeat(16)}-01`, 'tracestate: evil=1', 'baggage: evil=1'];
    raw.publish(subject, wrapped, '', carried);
    await raw.flush();
    const spans = await traced(own, 'FR gate.pass enter', 'isp.fr edge.receive');
    expect(spans.find((span) => says(span) === 'FR gate.pass enter')?.parentSpanId).toBe(rootOf(messageHash));
    expect(await received(net, 'isp.fr')).toContain(draft.id);
    expect(collector.text()).not.toMatch(/c{16}|evil/);
    raw.close();
  });
});
