/**
 * At most so many events in a second for each name; the rest is not to be acted on. The names come from NATS's own
 * authorisation or from the subjects of a stream, so there are no more of them than members and counterparts.
 */
export function createRateLimit(perSecond: number, now: () => number): (name: string) => boolean {
  const windows = new Map<string, { startMs: number; count: number }>();
  return (name) => {
    const nowMs = now();
    const known = windows.get(name);
    // A clock that was set back begins anew: else nothing would be let through until it has caught up.
    const isSame = known && nowMs >= known.startMs && nowMs - known.startMs < 1000;
    const window = isSame ? known : { startMs: nowMs, count: 0 };
    windows.set(name, window);
    window.count += 1;
    return window.count <= perSecond;
  };
}
