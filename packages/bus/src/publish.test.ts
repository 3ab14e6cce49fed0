import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bus } from './bus.js';
import { cleanUp } from './fixture/test-server.js';
import {
  bytes,
  makeStreams,
  messagesIn,
  startNation,
  stream,
  type TestNation,
  WITHIN_MS,
} from './fixture/with-nats-server.js';

const timeoutMs = WITHIN_MS;

describe('publish', () => {
  let nation: TestNation;
  let gate: Bus;
  beforeAll(async () => {
    nation = await startNation('DE', ['hotline_de']);
    gate = await makeStreams(nation, ['hotline_de']);
  });
  afterAll(cleanUp);

  const stored = (name: string) => messagesIn(nation, name);

  it('resolves when the stream has the message', async () => {
    const member = await nation.open('hotline_de');
    const before = await stored('OUT');
    await member.publish('edge.out.hotline_de', bytes('a'), { timeoutMs });
    expect(await stored('OUT')).toBe(before + 1);
  });

  it('stores the same bytes twice: no id makes the server swallow the second', async () => {
    const before = await stored('IN_hotline_de');
    for (let n = 0; n < 2; n += 1) await gate.publish('edge.in.hotline_de', bytes('same'), { timeoutMs });
    expect(await stored('IN_hotline_de')).toBe(before + 2);
  });

  it('has a thousand in flight', async () => {
    const before = await stored('IN_hotline_de');
    const all = Array.from({ length: 1000 }, (_, n) =>
      gate.publish('edge.in.hotline_de', bytes(`${n}`), { timeoutMs }),
    );
    await Promise.all(all);
    expect(await stored('IN_hotline_de')).toBe(before + 1000);
  });

  it('says at once that no stream takes the subject', async () => {
    // Not when the time for an answer is over.
    const sent = gate.publish('edge.in.nobody', bytes('a'), { timeoutMs: 3_600_000 });
    await expect(sent).rejects.toMatchObject({ code: 'no-stream' });
  });

  it('says that a message is larger than the stream takes', async () => {
    const sent = gate.publish('edge.in.hotline_de', new Uint8Array(600 * 1024), { timeoutMs });
    await expect(sent).rejects.toMatchObject({ code: 'refused' });
  });

  it('says that a message is larger than the server takes, and stays connected', async () => {
    const sent = gate.publish('edge.in.hotline_de', new Uint8Array(1024 * 1024 + 1), { timeoutMs });
    await expect(sent).rejects.toMatchObject({ code: 'too-large' });
    expect(gate.connected).toBe(true);
  });

  it('says that the stream is full, and loses nothing that it holds', async () => {
    await gate.ensureStream({ ...stream('OUT', 'edge.out.*'), maxBytes: 100_000 });
    const member = await nation.open('hotline_de');
    const before = await stored('OUT');
    let taken = 0;
    const fill = async () => {
      for (; taken < 50; taken += 1) {
        await member.publish('edge.out.hotline_de', new Uint8Array(10_000), { timeoutMs });
      }
    };
    await expect(fill()).rejects.toMatchObject({ code: 'full' });
    expect(await stored('OUT')).toBe(before + taken);
    await gate.ensureStream(stream('OUT', 'edge.out.*'));
  });

  it('says at once that the server does not permit the subject', async () => {
    const member = await nation.open('hotline_de');
    const sent = member.publish('edge.out.isp_de', bytes('a'), { timeoutMs: 3_600_000 });
    await expect(sent).rejects.toMatchObject({ code: 'not-permitted' });
  });

  it('refuses a subject with a wildcard', async () => {
    const sent = gate.publish('edge.in.*', bytes('a'), { timeoutMs });
    await expect(sent).rejects.toMatchObject({ code: 'bad-config' });
  });

  it('refuses after close', async () => {
    const bus = await nation.open('hotline_de');
    await bus.close();
    await expect(bus.publish('edge.out.hotline_de', bytes('a'), { timeoutMs })).rejects.toMatchObject({
      code: 'closed',
    });
  });
});
