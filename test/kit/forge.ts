import type { NetworkHome } from '@entente/cli';
import { wire } from '@entente/contract';
import type { Signer } from '@entente/seal';
import { signerOf } from './hostile.js';

const SEAL_TYPE = 'entente-seal';

/** The three parts of an envelope's seal, as text. */
export function partsOf(envelope: Uint8Array): {
  protectedHeader: string;
  payload: string;
  signature: string;
} {
  const { seal } = wire.envelope.decode(envelope);
  const [protectedHeader = '', payload = '', signature = ''] = Buffer.from(seal)
    .toString('latin1')
    .split('.');
  return { protectedHeader, payload, signature };
}

export function headerOf(envelope: Uint8Array): wire.HeaderFrame {
  return wire.header.decode(Buffer.from(partsOf(envelope).payload, 'base64url'));
}

/** The same body under another seal. */
export function withSeal(envelope: Uint8Array, seal: string): Uint8Array {
  const { body } = wire.envelope.decode(envelope);
  return wire.envelope.encode({ seal: Buffer.from(seal, 'latin1'), body });
}

/** The same seal over another body. */
export function withBody(envelope: Uint8Array, body: Uint8Array): Uint8Array {
  return wire.envelope.encode({ seal: wire.envelope.decode(envelope).seal, body });
}

/** The member signs once more, over a header that its own edge would never have made. */
export async function resealed(
  home: NetworkHome,
  envelope: Uint8Array,
  change: Partial<wire.HeaderFrame>,
  signer?: Signer,
): Promise<{ envelope: Uint8Array; header: wire.HeaderFrame }> {
  const header = { ...headerOf(envelope), ...change } as wire.HeaderFrame;
  const by = signer ?? (await signerOf(home, headerOf(envelope).from));
  return {
    header,
    envelope: withSeal(envelope, await by.signCompact(wire.header.encode(header), SEAL_TYPE)),
  };
}

export function base64url(text: string | Uint8Array): string {
  return Buffer.from(text).toString('base64url');
}

/** A copy with one bit of one byte changed. */
export function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = Buffer.from(bytes);
  copy.writeUInt8((copy.at(at) ?? 0) ^ 1, at < 0 ? copy.length + at : at);
  return copy;
}
