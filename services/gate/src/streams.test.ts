import { BusError, inEmergencyStream, inStream } from '@entente/bus';
import { LIMITS, memberToken } from '@entente/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeStreams } from './fixture/make-streams.js';
import { startBorder, type TestBorder } from './fixture/test-border.js';
import { withFault } from './fixture/with-fault.js';
import type { GateDeps } from './state.js';
import { followStreams } from './streams.js';

let border: TestBorder;
beforeAll(async () => {
  border = await startBorder({ hasLedger: false, isReady: false });
});
afterAll(async () => await border?.stop());

type Asked = Parameters<GateDeps['bus']['ensureStream']>[0];

/**
 * The real calls, and what they asked for.
 * @param lost streams that are said not to have been there
 */
function watched(lost: ReadonlySet<string> = new Set()) {
  const streams: Record<'bus' | 'cross', Asked[]> = { bus: [], cross: [] };
  const consumers: string[] = [];
  const watch = (side: 'bus' | 'cross') => {
    const bus = border.gate[side];
    return withFault(bus, {
      ensureStream: async (config) => {
        streams[side].push(config);
        const found = await bus.ensureStream(config);
        return { ...found, isNew: found.isNew || lost.has(config.name) };
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
  it('are two for what goes out, one for what is held, two for each member, and two for what comes in from counterparts', async () => {
    const { streams, consumers, gate } = watched();
    await makeStreams(gate);
    const tokens = border.nations.nl.part.members.map(({ id }) => id.replace('.', '_'));
    expect(streams.bus.map(({ name, subjects, keepsLast }) => [name, subjects, keepsLast ?? false])).toEqual([
      ['OUT', ['edge.out.*'], false],
      ['EMERGENCY', ['edge.emergency.*'], false],
      ['HELD', ['gate.held.*'], true],
      ...tokens.flatMap((token) => [
        [inStream(token), [`edge.in.${token}`], false],
        [inEmergencyStream(token), [`edge.in-emergency.${token}`], false],
      ]),
    ]);
    expect(streams.cross.map(({ name, subjects }) => [name, subjects])).toEqual([
      ['CROSS', ['cross.NL.DE.>']],
      ['CROSS_EMERGENCY', ['cross-emergency.NL.DE']],
    ]);
    expect(consumers.toSorted()).toEqual(
      [
        'bus OUT gate',
        'bus EMERGENCY gate',
        ...tokens.flatMap((token) => [
          `bus ${inStream(token)} ${token}`,
          `bus ${inEmergencyStream(token)} ${token}`,
        ]),
        'cross CROSS gate',
        'cross CROSS_EMERGENCY gate',
      ].toSorted(),
    );
  });

  it('keep a message a day longer than it may live, take the largest that there is, and are bounded', async () => {
    const { streams, gate } = watched();
    await makeStreams(gate);
    for (const { name, maxAgeMs, maxMessageBytes, maxBytes } of [...streams.bus, ...streams.cross]) {
      expect(maxAgeMs).toBe(LIMITS.lifetimeMs + 24 * 3_600_000);
      expect(maxMessageBytes).toBe(LIMITS.transit + 4096);
      expect(maxBytes).toBe(name.startsWith('IN_EMERGENCY_') ? 64 * 1024 ** 2 : 1024 ** 3);
    }
    const largest = new Uint8Array(LIMITS.transit);
    await border.gate.bus.publish(`gate.held.${'a'.repeat(64)}`, largest, { timeoutMs: 5000 });
  });

  it('are looked at a few members at a time once all are made, and all at once when the store was lost', async () => {
    const lost = new Set<string>();
    const { streams, gate } = watched(lost);
    const { look } = followStreams(gate, 4);
    const seen = async () => {
      await look();
      return streams.bus.splice(0).map(({ name }) => name);
    };
    const both = (token: string) => [inStream(token), inEmergencyStream(token)];
    const [first, ...rest] = partition(
      border.nations.nl.part.members.flatMap(({ id }) => both(id.replace('.', '_'))),
      8,
    );
    const all = ['OUT', 'EMERGENCY', 'HELD', ...(first ?? []), ...rest.flat()];
    expect(await seen()).toEqual(all);
    for (const next of [first ?? [], ...rest, first ?? []])
      expect(await seen()).toEqual(['OUT', 'EMERGENCY', 'HELD', ...next]);
    lost.add('HELD');
    expect(await seen()).toEqual(all);
    lost.clear();
    expect(await seen()).toEqual(['OUT', 'EMERGENCY', 'HELD', ...(first ?? [])]);
  });

  it('are measured: each look says how many messages wait in each', async () => {
    const own = await startBorder({ hasLedger: false, isReady: false });
    try {
      const { gate, nations } = own;
      const token = memberToken(nations.nl.part.members[0]?.id ?? '');
      const { look, depths } = followStreams(gate);
      expect(depths()).toEqual([]);
      await look();
      for (const [subject, times] of [
        [`edge.in.${token}`, 2],
        [`gate.held.${'a'.repeat(64)}`, 1],
      ] as const)
        for (let i = 0; i < times; i++)
          await gate.bus.publish(subject, new Uint8Array(1), { timeoutMs: 5000 });
      await own.waitForGermany();
      await own.german.publishAcross('cross.NL.DE.crossing', new Uint8Array(1), {
        ...{ replyPrefix: '_R.DE.NL', timeoutMs: 5000 },
      });
      await look();
      const found = depths().map(({ labels: { stream }, value }) => [stream, value]);
      expect(found.filter(([, value]) => value !== 0)).toEqual([
        ['HELD', 1],
        ['CROSS', 1],
        [inStream(token), 2],
      ]);
      expect(found.length).toBe(5 + 2 * nations.nl.part.members.length);
    } finally {
      await own.stop();
    }
  });

  it('are all made by the next look if making them failed on its way', async () => {
    const { streams, gate } = watched();
    let isDown = true;
    const failing = withFault(gate.bus, {
      ensureStream: async (config) => {
        if (isDown && streams.bus.length === 4) throw new Error('the server went away');
        return await gate.bus.ensureStream(config);
      },
    });
    const { look } = followStreams({ ...gate, bus: failing }, 4);
    await expect(look()).rejects.toThrow('the server went away');
    isDown = false;
    streams.bus.length = 0;
    await look();
    expect(streams.bus.length).toBe(3 + 2 * border.nations.nl.part.members.length);
  });

  it('are all made but the one that cannot be, which is told once and looked at again', async () => {
    const own = await startBorder({ hasLedger: false, isReady: false });
    try {
      const { gate, nations, said } = own;
      const tokens = nations.nl.part.members.map(({ id }) => id.replace('.', '_'));
      const [token = ''] = tokens;
      const broken = inStream(token);
      const config = { maxAgeMs: 3_600_000, maxBytes: 2 ** 20, maxMessageBytes: 2 ** 18 };
      await gate.bus.ensureStream({
        name: broken,
        subjects: [`edge.in.${token}`],
        keepsLast: true,
        ...config,
      });
      const { look, areThere } = followStreams(gate, 1);
      expect(areThere()).toBe(false);
      for (let looks = 0; looks < 5; looks++) await look();
      expect(areThere()).toBe(true);
      expect(said().filter(({ message }) => message.startsWith('ALARM'))).toMatchObject([
        { level: 'error', message: expect.stringContaining('this stream') },
      ]);
      for (const other of tokens.slice(1))
        await gate.bus.publish(`edge.in.${other}`, new Uint8Array(1), { timeoutMs: 5000 });
      await own.waitForGermany();
      await own.german.publishAcross('cross.NL.DE.crossing', new Uint8Array(1), {
        ...{ replyPrefix: '_R.DE.NL', timeoutMs: 5000 },
      });
    } finally {
      await own.stop();
    }
  });

  it('are all looked at though one member’s do not answer, as without a majority of their servers', async () => {
    const { gate, streams } = watched();
    await makeStreams(gate);
    border.said();
    const token = memberToken(border.nations.nl.part.members[0]?.id ?? '');
    const silent = [inStream(token), inEmergencyStream(token)];
    const bus = withFault(gate.bus, {
      ensureStream: async (config) => {
        if (silent.includes(config.name)) throw new BusError('timeout', 'no answer');
        return await gate.bus.ensureStream(config);
      },
    });
    const { look, areThere } = followStreams({ ...gate, bus }, 1);
    streams.bus.length = 0;
    for (let looks = 0; looks < 5; looks++) await look();
    expect(areThere()).toBe(true);
    const others = border.nations.nl.part.members.slice(1).map(({ id }) => inStream(memberToken(id)));
    expect(streams.bus.map(({ name }) => name)).toEqual(expect.arrayContaining(others));
    const alarms = border.said().filter(({ message }) => message.startsWith('ALARM'));
    expect(alarms.map(({ facts }) => facts.stream)).toEqual(silent);
  });

  it('are made anew, one by one, where the server cannot read what they hold', async () => {
    const { gate, streams } = watched();
    await makeStreams(gate);
    streams.bus.length = 0;
    border.said();
    const removed: string[] = [];
    const bus = withFault(gate.bus, {
      ensureConsumer: async (name, config) => {
        if (name === 'OUT' && removed.length === 0) throw new BusError('unreadable', '3 of the 3 messages');
        await gate.bus.ensureConsumer(name, config);
      },
      removeStream: async (name) => {
        removed.push(name);
        await gate.bus.removeStream(name);
      },
    });
    const { look, areThere } = followStreams({ ...gate, bus });
    await look();
    expect([removed, areThere()]).toEqual([['OUT'], true]);
    expect(streams.bus.filter(({ name }) => name === 'OUT')).toHaveLength(2);
    const alarms = border.said().filter(({ message }) => message.startsWith('ALARM'));
    expect(alarms.map(({ facts }) => facts.stream)).toEqual(['OUT']);
    const hotline = await border.openMember('hotline.nl');
    await hotline.publish('edge.out.hotline_nl', new Uint8Array(1), { timeoutMs: 5000 });
  });

  it('are none towards abroad for a nation without counterparts', async () => {
    const { streams, consumers, gate } = watched();
    const { nations } = border;
    await nations.writePart(nations.nl, { counterparts: [], version: 2 });
    const alone = await nations.load();
    await nations.writePart(nations.nl);
    await makeStreams({ ...gate, directory: () => alone });
    expect(streams.cross).toEqual([]);
    expect(consumers.filter((line) => line.startsWith('cross'))).toEqual([]);
    expect(streams.bus.length).toBeGreaterThan(2);
  });

  it('cannot be made for a nation that the directory does not have', async () => {
    await expect(makeStreams({ ...border.gate, nation: 'BE' })).rejects.toThrow('no valid part for BE');
  });
});

function partition<T>(all: readonly T[], size: number): T[][] {
  return all.flatMap((_, i) => (i % size === 0 ? [all.slice(i, i + size)] : []));
}
