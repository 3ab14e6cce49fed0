/** Some minutes of messages under load. */
const MOST = 65_536;

/** Hashes of messages, in memory only. The oldest are forgotten: whoever asks must be able to do without. */
export function rememberHashes(most = MOST) {
  const names = new Set<string>();
  return {
    has: (messageHash: Uint8Array): boolean => names.has(nameOf(messageHash)),
    add: (messageHash: Uint8Array): void => {
      names.add(nameOf(messageHash));
      if (names.size > most) names.delete(names.values().next().value as string);
    },
  };
}

const nameOf = (messageHash: Uint8Array): string => Buffer.from(messageHash).toString('latin1');
