import { expect, it } from 'vitest';
import { ClockDiffers, watchClock } from './watch-clock.js';

const SKEW = 300_000;

function clocks() {
  const state = { wallMs: 1_000_000_000, steadyMs: 5000 };
  const watch = watchClock(
    () => state.wallMs,
    SKEW,
    () => state.steadyMs,
  );
  const pass = (ms: number) => {
    state.wallMs += ms;
    state.steadyMs += ms;
  };
  return { state, watch, pass };
}

it('agrees while nothing was told, and wants to be told', () => {
  const { watch } = clocks();
  expect([watch.agrees(), watch.isDue()]).toEqual([true, true]);
  expect(watch.check).not.toThrow();
});

it('allows the skew, and no millisecond more, in both directions', () => {
  const { state, watch } = clocks();
  for (const sign of [1, -1]) {
    watch.tell(state.wallMs + sign * SKEW);
    expect(watch.agrees()).toBe(true);
    watch.tell(state.wallMs + sign * (SKEW + 1));
    expect(watch.agrees()).toBe(false);
    expect(watch.check).toThrow(ClockDiffers);
  }
});

it('differs as soon as its own clock is set, and agrees as soon as that is set right, without being told again', () => {
  const { state, watch, pass } = clocks();
  watch.tell(state.wallMs);
  pass(30_000);
  state.wallMs += 3_600_000;
  expect(watch.agrees()).toBe(false);
  pass(1000);
  state.wallMs -= 3_600_000;
  expect(watch.agrees()).toBe(true);
});

it('takes a clock that was set right: the other says the same', () => {
  const { state, watch } = clocks();
  watch.tell(state.wallMs);
  state.wallMs += 3_600_000;
  watch.tell(state.wallMs + 20);
  expect(watch.agrees()).toBe(true);
});

it('is due again after a minute, and at once while the clocks differ', () => {
  const { state, watch, pass } = clocks();
  watch.tell(state.wallMs);
  pass(59_999);
  expect(watch.isDue()).toBe(false);
  pass(1);
  expect(watch.isDue()).toBe(true);
  watch.tell(state.wallMs);
  state.wallMs += SKEW + 1;
  expect(watch.isDue()).toBe(true);
});
