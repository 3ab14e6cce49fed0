import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bus } from './bus.js';
import { cleanUp } from './fixture/test-server.js';
import {
  bytes,
  messagesIn,
  startNation,
  stream,
  type TestNation,
  WITHIN_MS,
} from './fixture/with-nats-server.js';

let nation: TestNation;
let gate: Bus;
beforeAll(async () => {
  nation = await startNation('DE', ['hotline_de']);
  gate = await nation.open('gate');
  await gate.ensureStream({ ...stream('HELD', 'gate.held.*'), keepsLast: true });
});
afterAll(cleanUp);

const put = (subject: string, text: string) => gate.publish(subject, bytes(text), { timeoutMs: WITHIN_MS });
const read = async (subject: string) => {
  const last = await gate.readLast('HELD', subject);
  return last && Buffer.from(last).toString();
};

describe('the last message of a subject', () => {
  it('is read as often as one likes, and takes the place of the one before', async () => {
    await put('gate.held.a', 'one');
    await put('gate.held.b', 'other');
    await put('gate.held.a', 'two');
    expect([await read('gate.held.a'), await read('gate.held.a')]).toEqual(['two', 'two']);
    expect(await read('gate.held.b')).toBe('other');
    expect(await messagesIn(nation, 'HELD')).toBe(2);
  });

  it('may be empty', async () => {
    await put('gate.held.c', 'one');
    await put('gate.held.c', '');
    expect(await read('gate.held.c')).toBe('');
  });

  it('may be as long as a passage can be', async () => {
    const large = Buffer.alloc(512 * 1024 - 64, 0x7b);
    await gate.publish('gate.held.d', large, { timeoutMs: WITHIN_MS });
    expect(Buffer.from((await gate.readLast('HELD', 'gate.held.d')) ?? '').equals(large)).toBe(true);
  });

  it('is none where there is none', async () => {
    expect(await read('gate.held.nothing')).toBeUndefined();
  });

  it('is not for a user without that right', async () => {
    const member = await nation.open('hotline_de');
    await expect(member.readLast('HELD', 'gate.held.a')).rejects.toMatchObject({ code: 'not-permitted' });
  });
});
