import { wire } from '@entente/contract';
import { watchClock } from '@entente/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TestEdge, testEdge } from './fixture/test-edge.js';
import { createHttpServer } from './http/server.js';
import { receive } from './receive.js';
import { sealAbout } from './seal-evidence.js';
import type { Edge } from './state.js';
import { keep } from './submit.js';

let opened: TestEdge;
beforeEach(async () => {
  opened = await testEdge();
});
afterEach(() => opened.close());

const handIn = (edge: Edge, key: string, text = '') => {
  const content = { category: 'phishing', action: 'remove', retention_days: 90, items: [], text } as never;
  const submission = { to: 'isp.fr', from_role: 'hotline', to_role: 'hosting', actor: 'system', content };
  return keep(edge, { ...(submission as object), content } as never, { key, createdMs: edge.now() });
};
const answerOf = async (edge: Edge, fail: () => Promise<unknown>) => {
  const app = await createHttpServer(edge, 'token', () => undefined);
  app.get('/fail', fail);
  const { statusCode, headers, json } = await app.inject({
    url: '/fail',
    headers: { authorization: 'Bearer token' },
  });
  await app.close();
  return { statusCode, retryAfter: headers['retry-after'], code: json().error.code as string };
};

describe('an edge without room on its disk', () => {
  const pages = (more: number) => {
    const count = Number(Object.values(opened.edge.db.prepare('PRAGMA page_count').get() ?? {})[0]);
    opened.edge.db.exec(`PRAGMA max_page_count = ${count + more}`);
  };
  const LARGE = 'x'.repeat(200_000);

  it('answers 507 to what it cannot keep, loses nothing of what it kept, and takes it when there is room', async () => {
    const { edge } = opened;
    const { id } = await edge.commit(() => handIn(edge, 'before'));
    pages(0);
    const failing = () => edge.commit(() => handIn(edge, 'large', LARGE));
    expect(await answerOf(edge, failing)).toEqual({ statusCode: 507, retryAfter: '5', code: 'disk-full' });
    expect(edge.outbox.list(10).map((row) => row.id)).toEqual([id]);
    pages(1000);
    expect((await edge.commit(() => handIn(edge, 'large', LARGE))).isNew).toBe(true);
    expect(edge.outbox.list(10)).toHaveLength(2);
  });
});

describe('an edge whose clock differs from that of its gate', () => {
  const HOUR = 3_600_000;
  const between = { caseId: 'c', ownRole: 'hosting', other: 'hotline.fr', otherRole: 'hotline' };
  const setAhead = (byMs: number): Edge => {
    const clock = watchClock(opened.edge.now, 300_000);
    clock.tell(opened.edge.now());
    opened.clock.ms += byMs;
    return { ...opened.edge, clock };
  };

  it.each([HOUR, -HOUR])('by %i ms: takes nothing, seals nothing, and refuses no delivery', async (byMs) => {
    const edge = setAhead(byMs);
    const failing = () => edge.commit(() => handIn(edge, 'now'));
    expect(await answerOf(edge, failing)).toEqual({
      statusCode: 503,
      retryAfter: '5',
      code: 'clock-differs',
    });
    await expect(sealAbout(edge, between, 'delivered', [])).rejects.toMatchObject({ name: 'ClockDiffers' });
    const data = wire.delivery.encode({ notice: { code: 'expired', envelopeSha256: new Uint8Array(32) } });
    const delivery = { subject: 'edge.in.hotline_de', data, message: '1', traceparents: [], redeliveries: 0 };
    await expect(receive(edge, delivery)).rejects.toMatchObject({ name: 'ClockDiffers' });
    expect([edge.outbox.list(10), edge.cases.refused(10)]).toEqual([[], []]);
  });

  it('which nobody has told the time since it was started, asks before it takes anything', async () => {
    let theirMs = opened.edge.now() + HOUR;
    const clock = watchClock(opened.edge.now, 300_000);
    const request: Edge['bus']['request'] = async (_, __, { onTime }) => {
      onTime?.(theirMs);
      return new Uint8Array();
    };
    const edge = { ...opened.edge, clock, bus: { ...opened.edge.bus, request } as Edge['bus'] };
    const data = wire.delivery.encode({ notice: { code: 'expired', envelopeSha256: new Uint8Array(32) } });
    const delivery = { subject: 'edge.in.hotline_de', data, message: '1', traceparents: [], redeliveries: 0 };
    await expect(receive(edge, delivery)).rejects.toMatchObject({ name: 'ClockDiffers' });
    theirMs = edge.now();
    clock.tell(theirMs);
    expect(await receive(edge, delivery)).toBe('done');
  });

  it('sends at once what was to be sent by a clock that was ahead', async () => {
    const { edge, clock } = opened;
    clock.ms += HOUR;
    const { id } = await edge.commit(() => handIn(edge, 'ahead'));
    edge.outbox.retryAt(id, edge.now() + 4000);
    clock.ms -= HOUR;
    expect(edge.outbox.due(edge.now(), 10).map((row) => row.id)).toEqual([id]);
    edge.outbox.retryAt(id, edge.now() + 4000);
    expect(edge.outbox.due(edge.now(), 10)).toEqual([]);
  });
});
