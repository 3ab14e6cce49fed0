import { inStream } from '@entente/bus';
import { LIMITS } from '@entente/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBorder, type TestBorder, withFault } from './fixture/test-border.js';
import type { GateDeps } from './state.js';
import { ensureStreams } from './streams.js';

let border: TestBorder;
beforeAll(async () => {
  border = await startBorder({ hasLedger: false, isReady: false });
});
afterAll(async () => await border?.stop());

type Asked = Parameters<GateDeps['bus']['ensureStream']>[0];

/** The real calls, and what they asked for. */
function watched() {
  const streams: Record<'bus' | 'cross', Asked[]> = { bus: [], cross: [] };
  const consumers: string[] = [];
  const watch = (side: 'bus' | 'cross') => {
    const bus = border.gate[side];
    return withFault(bus, {
      ensureStream: async (config) => {
        streams[side].push(config);
        await bus.ensureStream(config);
      },
      ensureConsumer: async (stream, config) => {
        consumers.push(`${side} ${stream} ${config.durable}`);
        await bus.ensureConsumer(stream, config);
      },
    });
  };
  return { streams, consumers, gate: { ...border.gate, bus: watch('bus'), cross: watch('cross') } };
}

describe('the streams of a nation', () => {
  it('are one for what goes out, one for what is held, one for each member, and one for what comes in from counterparts', async () => {
    const { streams, consumers, gate } = watched();
    await ensureStreams(gate);
    const tokens = border.nations.nl.part.members.map(({ id }) => id.replace('.', '_'));
    expect(streams.bus.map(({ name, subjects, keepsLast }) => [name, subjects, keepsLast ?? false])).toEqual([
      ['OUT', ['edge.out.*'], false],
      ['HELD', ['gate.held.*'], true],
      ...tokens.map((token) => [inStream(token), [`edge.in.${token}`], false]),
    ]);
    expect(streams.cross.map(({ name, subjects }) => [name, subjects])).toEqual([
      ['CROSS', ['cross.NL.DE.>']],
    ]);
    expect(consumers).toEqual([
      'bus OUT gate',
      ...tokens.map((token) => `bus ${inStream(token)} ${token}`),
      'cross CROSS gate',
    ]);
  });

  it('keep a message a day longer than it may live, take the largest that there is, and are bounded', async () => {
    const { streams, gate } = watched();
    await ensureStreams(gate);
    for (const { maxAgeMs, maxMessageBytes, maxBytes } of [...streams.bus, ...streams.cross]) {
      expect(maxAgeMs).toBe(LIMITS.lifetimeMs + 24 * 3_600_000);
      expect(maxMessageBytes).toBe(LIMITS.transit + 4096);
      expect(maxBytes).toBe(1024 ** 3);
    }
    const largest = new Uint8Array(LIMITS.transit);
    await border.gate.bus.publish(`gate.held.${'a'.repeat(64)}`, largest, { timeoutMs: 5000 });
  });

  it('are none towards abroad for a nation without counterparts', async () => {
    const { streams, consumers, gate } = watched();
    const { nations } = border;
    await nations.writePart(nations.nl, { counterparts: [], version: 2 });
    const alone = await nations.load();
    await nations.writePart(nations.nl);
    await ensureStreams({ ...gate, directory: () => alone });
    expect(streams.cross).toEqual([]);
    expect(consumers.filter((line) => line.startsWith('cross'))).toEqual([]);
    expect(streams.bus.length).toBeGreaterThan(2);
  });

  it('cannot be made for a nation that the directory does not have', async () => {
    await expect(ensureStreams({ ...border.gate, nation: 'BE' })).rejects.toThrow('no valid part for BE');
  });
});
