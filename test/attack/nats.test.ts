import { examplePlan, openDirectory } from '@entente/cli';
import { LIMITS, wire } from '@entente/contract';
import { encryptFor } from '@entente/seal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { phishingNotice } from '../kit/examples.js';
import { withBody } from '../kit/forge.js';
import { natsPort, sealed, seedOf } from '../kit/hostile.js';
import { type HostileLeaf, joinAs } from '../kit/hostile-leaf.js';
import { logAs } from '../kit/log-as.js';
import { startTestNetwork, type TestNetwork } from '../kit/network.js';
import { openRawNats, type RawMessage, type RawNats } from '../kit/raw-nats.js';
import { logLines, logSize, received } from '../kit/state.js';
import { type Tap, tapMember } from '../kit/tap.js';
import { waitFor } from '../kit/wait.js';

// Of the third nation, NL, nothing runs: the attacker has its password for the interconnect and takes its place.
let net: TestNetwork;
let hotline: Tap;
let leafNl: HostileLeaf;
let leafDe: HostileLeaf;
let nl: RawNats;
let de: RawNats;
beforeAll(async () => {
  const { name, nations } = examplePlan();
  const few = nations.map(({ code, members }) => ({
    code,
    members: members.filter(({ types }) => code !== 'NL' && !types.includes('ministry')),
  }));
  net = await startTestNetwork({ name, nations: few }, ['NL', 'hotline.de', 'isp.de', 'hotline.fr']);
  hotline = await tapMember(net, 'hotline.de');
  [leafNl, leafDe] = await Promise.all([joinAs(net.home, 'NL'), joinAs(net.home, 'DE')]);
  [nl, de] = await Promise.all([leafNl.open(), leafDe.open()]);
});
afterAll(async () => {
  for (const raw of [nl, de]) raw?.close();
  for (const leaf of [leafNl, leafDe]) leaf?.stop();
  await hotline?.close();
  await net?.stop();
});

describe('a nation that turned hostile, at the interconnect', () => {
  let asked = 0;
  /** Sends something there. @returns what is answered to that, and to nothing else that was sent */
  const ask = async (raw: RawNats, subject: string): Promise<() => RawMessage | undefined> => {
    asked += 1;
    const reply = `_R.NL.FR.${asked}`;
    raw.subscribe(reply);
    raw.publish(subject, 'x', reply);
    await raw.flush();
    return () => raw.messages.find((message) => message.subject === reply);
  };
  /** Whether anybody takes what was sent. */
  const isTaken = async (answer: () => RawMessage | undefined): Promise<boolean> => {
    const found = await waitFor('an answer', async () => answer(), 3000).catch(() => undefined);
    return found !== undefined && !found.nobodyThere;
  };
  const untilWayThere = async () =>
    await waitFor('the way', async () => (await isTaken(await ask(nl, 'cross.FR.NL.x'))) || undefined);

  it('reaches the stream for what comes from it', untilWayThere);

  it.each([
    'ledger.append',
    'edge.in.isp_fr',
    'edge.out.hotline_fr',
    'edge.emergency.hotline_fr',
    'gate.preflight.hotline_fr',
    'cross.FR.DE.x',
    'cross.NL.FR.x',
    'cross-emergency.FR.DE',
    'cross-emergency.NL.FR',
    '_INBOX_gate.x',
    '_R.FR.DE.x',
    '$JS.API.INFO',
    '$JS.API.STREAM.DELETE.CROSS',
    '$JS.API.STREAM.DELETE.CROSS_EMERGENCY',
    '$JS.API.STREAM.INFO.OUT',
    '$JS.FR.API.INFO',
    '$JS.FR.API.STREAM.DELETE.CROSS',
    '$JS.API.CONSUMER.MSG.NEXT.CROSS.gate',
    '$JS.ACK.CROSS.gate.1.1.1.0.0',
    '$SYS.REQ.SERVER.PING',
  ])('does not reach %s', async (subject) => {
    const answer = await ask(nl, subject);
    // By then an answer would have had the time to come, however slow the machine is.
    await untilWayThere();
    expect(await isTaken(answer)).toBe(false);
  });

  it('hears nothing of what passes between the others', async () => {
    const spy = await leafNl.open();
    for (const subject of ['>', 'cross.>', 'cross.FR.DE.>', '_R.>', '_R.DE.FR.*', 'edge.>', 'ledger.>'])
      spy.subscribe(subject);
    await spy.flush();
    const { envelope, messageHash } = await honest();
    await hotline.handIn(envelope);
    expect((await hotline.statementOn(messageHash)).evidence).toBe('delivered');
    expect(spy.messages.map(({ subject }) => subject)).toEqual([]);
    spy.close();
  });
});

/** A server stores and passes on headers byte for byte. */
const HOSTILE_BLOCKS = ['X: a\nb', 'X y: b']
  .map((line) => `NATS/1.0\r\n${line}\r\n\r\n`)
  .concat(
    ['100 Idle', '404 No Messages', '409 Consumer Deleted', '503'].map((is) => `NATS/1.0 ${is}\r\n\r\n`),
  );

describe('a member that writes headers which break who reads them', () => {
  it.each(HOSTILE_BLOCKS)('keeps nobody else waiting, and is told as if it had not: %j', async (block) => {
    const raw = await openRawNats(natsPort(net.home, 'DE'), seedOf(net.home, 'hotline.de', 'nats.nkey'));
    const bytes = Buffer.from(`no envelope, behind ${block}`);
    raw.publish('edge.out.hotline_de', bytes, '', block);
    raw.publish('edge.emergency.hotline_de', bytes, '', block);
    raw.publish('gate.preflight.hotline_de', bytes, '_INBOX_hotline_de.raw', block);
    await raw.flush();
    raw.close();
    const { envelope, messageHash } = await honest();
    await hotline.handIn(envelope);
    expect((await hotline.statementOn(messageHash)).evidence).toBe('delivered');
    expect(await hotline.noticeOn(bytes)).toBe('frame-malformed');
  });
});

const honest = async () => await sealed(net.home, 'hotline.de', phishingNotice('isp.fr'));

/** Wrapped for the gate of FR, whose key everybody can read. */
async function wrapped(from: string, crossing: Parameters<typeof wire.crossing.encode>[0], subject: string) {
  const key = (await openDirectory(net.home)).gateKey('FR', Date.now());
  const parties = { from, to: 'FR', mid: subject };
  return await encryptFor(key, wire.crossing.encode(crossing), 'entente-crossing', parties);
}

describe('a gate refuses what another nation never sent, and logs nothing of it', () => {
  const AS_DE = 'cross.FR.DE.hotline_de';
  const AS_NL = 'cross.FR.NL.hotline_de';
  const EMPTY = {
    leaf: new Uint8Array(),
    salt: new Uint8Array(),
    record: new Uint8Array(),
    proof: new Uint8Array(),
  };

  /** The code with which the gate of FR refuses what comes on this subject: nobody but its operator is told. */
  const refusalOf = async (raw: RawNats, subject: string, bytes: Uint8Array | string) => {
    const lines = () =>
      logLines(net.home, 'gate.fr').filter((line) => line.subject === subject && 'code' in line);
    const before = lines().length;
    raw.publish(subject, bytes);
    return (await waitFor('a line in the log', async () => lines()[before])).code;
  };

  it('whatever is made of a message that has left, or has not; then the true one passes', async () => {
    const { envelope, messageHash, draft } = await honest();
    const inner = wire.envelope.decode(envelope);
    const size = await logSize(net.home, 'FR');
    const early = await wrapped('DE', { passage: { envelope: inner, proofs: [] } }, AS_DE);
    expect(await refusalOf(de, AS_DE, early)).toBe('proof-missing');
    const hollow = await wrapped('DE', { passage: { envelope: inner, proofs: [EMPTY] } }, AS_DE);
    expect(await refusalOf(de, AS_DE, hollow)).toBe('proof-wrong');

    const left = await logAs(net.home, 'DE', envelope, { stage: 'leave' });
    const swapped = wire.envelope.decode(withBody(envelope, Buffer.from('another')));
    const otherBody = await wrapped('DE', { passage: { envelope: swapped, proofs: [left] } }, AS_DE);
    expect(await refusalOf(de, AS_DE, otherBody)).toBe('body-mismatch');
    const byAnother = await wrapped('NL', { passage: { envelope: inner, proofs: [left] } }, AS_NL);
    expect(await refusalOf(nl, AS_NL, byAnother)).toBe('proof-wrong');
    const replayed = await wrapped('DE', { passage: { envelope: inner, proofs: [left] } }, AS_DE);
    expect(await refusalOf(nl, AS_NL, replayed)).toBe('recipient-mismatch');
    expect(await logSize(net.home, 'FR')).toBe(size);
    expect(await received(net, 'isp.fr')).not.toContain(draft.id);

    await hotline.handIn(envelope);
    expect((await hotline.statementOn(messageHash)).evidence).toBe('delivered');
    expect(await received(net, 'isp.fr')).toContain(draft.id);
  });

  it('evidence about a message that is not of the member it is sent to', async () => {
    const { envelope, messageHash, draft } = await honest();
    const entry = await logAs(net.home, 'DE', envelope, { stage: 'leave' });
    const about = { evidence: 'relay-rejected', messageId: draft.id, messageHash, to: 'isp.fr', entry };
    expect(await refusalOf(de, AS_DE, await wrapped('DE', { answer: about }, AS_DE))).toBe('sender-mismatch');
    expect(await refusalOf(nl, AS_NL, await wrapped('NL', { answer: about }, AS_NL))).toBe('proof-wrong');
    const bare = { ...about, entry: null };
    expect(await refusalOf(de, AS_DE, await wrapped('DE', { answer: bare }, AS_DE))).toBe('proof-missing');
  });

  it.each(HOSTILE_BLOCKS)(
    'what has headers that break who reads them: %j, and takes what comes after',
    async (block) => {
      const subject = `${AS_NL}.${HOSTILE_BLOCKS.indexOf(block)}`;
      nl.publish(subject, 'hello', '', block);
      expect(await refusalOf(nl, AS_NL, 'hello')).toBe('seal-malformed');
      const lines = () => logLines(net.home, 'gate.fr').filter((line) => line.subject === subject);
      expect((await waitFor('a line in the log', async () => lines()[0])).code).toBe('seal-malformed');
    },
  );

  it('what is no crossing at all', async () => {
    expect(await refusalOf(nl, AS_NL, 'hello')).toBe('seal-malformed');
    expect(await refusalOf(nl, AS_NL, Buffer.alloc(LIMITS.transit + 1, 65))).toBe('too-large');
    expect(await refusalOf(nl, AS_NL, await wrapped('NL', {}, AS_NL))).toBe('frame-malformed');
  });
});
