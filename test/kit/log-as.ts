import { type NetworkHome, openDirectory } from '@entente/cli';
import { type Stage, subjects, wire } from '@entente/contract';
import { loadPack, packsDir } from '@entente/policy';
import { messageHash } from '@entente/seal';
import { busOfGate } from './hostile.js';

export interface Claimed {
  readonly stage: Stage;
  readonly decision?: 'permit' | 'refuse';
  readonly event?: 'crossing' | 'evidence';
  readonly record?: Partial<Parameters<typeof wire.record.encode>[0]>;
}

/** Makes an entry with a gate's stolen credential: the ledger believes its gate. */
export async function logAs(
  home: NetworkHome,
  nation: string,
  envelope: Uint8Array,
  { stage, decision = 'permit', event = 'crossing', record: more = {} }: Claimed,
): Promise<wire.EntryFrame> {
  const { seal } = wire.envelope.decode(envelope);
  const record = wire.record.encode({
    nation,
    event,
    stage,
    step: 'first',
    seal,
    messageHash: messageHash(seal),
    verdict: { decision },
    packSha256: Buffer.from(loadPack(packsDir, nation).sha256, 'hex'),
    directorySha256: (await openDirectory(home)).sha256,
    decidedAtMs: Date.now(),
    ...more,
  });
  const { entry, refusal } = await appendAs(home, nation, record);
  if (!entry) throw new Error(`the ledger refuses: ${refusal}`);
  return entry;
}

/** Asks a ledger for an entry with its gate's stolen credential. */
export async function appendAs(
  home: NetworkHome,
  nation: string,
  record: Uint8Array,
): Promise<wire.AppendReplyFrame> {
  const bus = await busOfGate(home, nation);
  try {
    const request = wire.appendRequest.encode({ record });
    return wire.appendReply.decode(await bus.request(subjects.append, request, { timeoutMs: 60_000 }));
  } finally {
    await bus.close();
  }
}
