import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';

export type ProbeNonces = ReturnType<typeof createProbeNonces>;

const TIME_BYTES = 6;
const MAC_BYTES = 10;

/**
 * Nonces that say when and to whom a question went, so that any gate of this nation knows an answer to what one of them asked:
 * they share their queue, and it is chance which of them is given the answer.
 *
 * An attacker would have to guess 80 bits in an answer that only the gate asked can read, for a nonce that is good for seconds.
 * @param secret what all gates of the nation have and nobody else
 */
export function createProbeNonces(secret: string | Uint8Array = randomBytes(32)) {
  const key = new Uint8Array(hkdfSync('sha256', secret, '', 'entente probe nonce', 32));
  const macOf = (nation: string, time: Uint8Array) =>
    createHmac('sha256', key).update(time).update(nation).digest().subarray(0, MAC_BYTES);
  return Object.freeze({
    make: (nation: string, sentMs: number): Uint8Array => {
      const time = Buffer.alloc(TIME_BYTES);
      time.writeUIntBE(sentMs, 0, TIME_BYTES);
      return Buffer.concat([time, macOf(nation, time)]);
    },
    /** When it was sent; undefined if no gate of this nation made it for that one. */
    read: (nation: string, nonce: Uint8Array): number | undefined => {
      if (nonce.length !== TIME_BYTES + MAC_BYTES) return undefined;
      const time = Buffer.from(nonce.subarray(0, TIME_BYTES));
      const isOurs = timingSafeEqual(nonce.subarray(TIME_BYTES), macOf(nation, time));
      return isOurs ? time.readUIntBE(0, TIME_BYTES) : undefined;
    },
  });
}
