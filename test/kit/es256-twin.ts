/**
 * The other valid signature over the same bytes, which anybody can make without the key: of (r, s), it is (r, n − s).
 * `n`: the order of P-256 (SEC 2 §2.4.2).
 */
export function twinOf(signature: string): string {
  const bytes = Buffer.from(signature, 'base64url');
  const s = ORDER - BigInt(`0x${bytes.toString('hex', 32)}`);
  const twin = Buffer.concat([bytes.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex')]);
  return twin.toString('base64url');
}

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
