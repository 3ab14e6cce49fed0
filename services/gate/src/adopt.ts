import { append } from './ledger-client.js';
import type { GateDeps } from './state.js';

/** What this gate works under becomes an entry before anything is decided under it. */
export async function adopt(gate: GateDeps): Promise<void> {
  const { sha256, versions } = gate.directory();
  const base = { messageHash: new Uint8Array(), stage: '', step: '' };
  await append(gate, { ...base, event: 'adopt-directory', adoption: { sha256, versions } });
  await append(gate, {
    ...base,
    event: 'adopt-pack',
    adoption: { sha256: Buffer.from(gate.pack.sha256, 'hex'), versions: [] },
  });
}
