import { describe, expect, it } from 'vitest';
import { createRateLimit } from './limit-rate.js';

describe('a limit on the rate', () => {
  it('lets so many pass in a second, for each name by itself', () => {
    let nowMs = 0;
    const mayPass = createRateLimit(2, () => nowMs);
    expect(['a', 'a', 'a', 'b'].map(mayPass)).toEqual([true, true, false, true]);
    nowMs = 999;
    expect(mayPass('a')).toBe(false);
    nowMs = 1000;
    expect(mayPass('a')).toBe(true);
  });

  it('lets as many pass after its clock was set back', () => {
    let nowMs = 3_600_000;
    const mayPass = createRateLimit(1, () => nowMs);
    expect(mayPass('a')).toBe(true);
    nowMs = 0;
    expect([mayPass('a'), mayPass('a')]).toEqual([true, false]);
    nowMs = 1000;
    expect(mayPass('a')).toBe(true);
  });
});
