import { type Delivery, inEmergencyStream, inStream } from '@entente/bus';
import { type MemberId, memberToken, subjects, unpackBatch, wire } from '@entente/contract';
import { sha256 } from '@entente/seal';
import { busOfMember } from './hostile.js';
import type { TestNetwork } from './network.js';
import { waitFor } from './wait.js';

export type Tap = Awaited<ReturnType<typeof tapMember>>;

const timeoutMs = 60_000;
/** A gate tells a member only so often. */
const TELL_AGAIN_MS = 1100;
const TRIES = 60;

/** Takes the place of a member whose edge is silent, with its NATS credential: what the gate delivers to it is read here. */
export async function tapMember(net: TestNetwork, member: string) {
  const bus = await busOfMember(net.home, member);
  const token = memberToken(member);
  const notices: wire.NoticeFrame[] = [];
  const entries: wire.RecordFrame[] = [];
  const passages: wire.PassageFrame[] = [];
  const read = async ({ data }: Pick<Delivery, 'data'>) => {
    for (const delivery of unpackBatch(data)) {
      const { notice, answer, passage } = wire.delivery.decode(delivery);
      if (notice) notices.push(notice);
      if (answer?.entry) entries.push(wire.record.decode(answer.entry.record));
      if (passage) passages.push(passage);
    }
    return 'done' as const;
  };
  for (const stream of [inEmergencyStream(token), inStream(token)])
    bus.consume({ stream, durable: token }, read);
  const handIn = async (envelope: Uint8Array) =>
    await bus.publish(subjects.out(member as MemberId), envelope, { timeoutMs });
  const entriesOn = (messageHash: Uint8Array) =>
    entries.filter((record) => Buffer.from(record.messageHash).equals(messageHash));
  return {
    passages,
    notices,
    handIn,
    entriesOn,
    /** Hands it in, again and again, and waits for the code of a refusal that is not on record. */
    noticeOn: async (envelope: Uint8Array): Promise<string> => {
      const find = async () =>
        notices.find(({ envelopeSha256 }) => Buffer.from(envelopeSha256).equals(sha256(envelope)))?.code;
      for (let tries = 0; tries < TRIES; tries++) {
        await handIn(envelope);
        const code = await waitFor('a notice', find, TELL_AGAIN_MS).catch(() => undefined);
        if (code !== undefined) return code;
      }
      throw new Error('no notice came');
    },
    /** The entry of this nation's ledger about a message, as it was answered with. */
    entryBy: async (nation: string, messageHash: Uint8Array, withinMs = 60_000): Promise<wire.RecordFrame> =>
      await waitFor(
        `an entry by ${nation}`,
        async () => entriesOn(messageHash).find((record) => record.nation === nation),
        withinMs,
      ),
    /** What the recipient's edge says of a message, under its seal. */
    statementOn: async (messageHash: Uint8Array, withinMs = 60_000) =>
      await waitFor('sealed evidence', async () => statements(passages, messageHash)[0], withinMs),
    statementsOn: (messageHash: Uint8Array) => statements(passages, messageHash),
    close: async () => await bus.close(),
  };
}

/** Not verified: that is the edges' business, and tested there. */
function statements(passages: readonly wire.PassageFrame[], messageHash: Uint8Array) {
  return passages.flatMap(({ envelope, proofs }) => {
    const payload =
      Buffer.from(envelope?.seal ?? '')
        .toString('latin1')
        .split('.')[1] ?? '';
    const { from, statement } = wire.header.decode(Buffer.from(payload, 'base64url'));
    const about = statement?.about.find((one) => Buffer.from(one.messageHash).equals(messageHash));
    if (!statement || !about) return [];
    const records = proofs.map(({ record }) => wire.record.decode(record));
    return [{ from, evidence: statement.evidence, code: about.code, records }];
  });
}
