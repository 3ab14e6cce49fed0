/** Some minutes of messages under load. */
const MOST = 65_536;

/** Hashes of messages, in memory only. The oldest are forgotten: whoever asks must be able to do without. */
export function rememberHashes(most = MOST) {
  const names = new Set<string>();
  // Beside the set: to find its oldest, a set passes over all that it has forgotten since it last made room.
  const order: string[] = [];
  let next = 0;
  return {
    has: (messageHash: Uint8Array): boolean => names.has(nameOf(messageHash)),
    add: (messageHash: Uint8Array): void => {
      const name = nameOf(messageHash);
      if (names.has(name)) return;
      names.delete(order[next] ?? '');
      order[next] = name;
      next = (next + 1) % most;
      names.add(name);
    },
  };
}

const nameOf = (messageHash: Uint8Array): string => Buffer.from(messageHash).toString('latin1');
