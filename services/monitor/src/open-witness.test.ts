import { rmSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { openCheckpoint } from '@entente/audit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { feedWitnesses } from './feed-witnesses.js';
import { HONEST, ORIGIN, OTHER } from './fixture/shown-log.js';
import {
  cosignedBy,
  kinds,
  newCosigner,
  openWitnessedLog,
  type WitnessedLog,
} from './fixture/witnessed-log.js';
import { witnessFor } from './open-witness.js';
import { watchLog } from './watch-log.js';

let own: WitnessedLog;
beforeEach(() => {
  own = openWitnessedLog();
});
afterEach(() => own.close());

describe('a witness', () => {
  test('that died after it took a checkpoint, and before it answered, goes on from there', async () => {
    const cosigner = newCosigner('w.example/1');
    const dying = { key: cosigner.key, sign: () => Promise.reject(new Error('killed')) };
    const first = await own.startWitness('w.sqlite', dying);
    own.list.witnesses = [own.inDirectory(cosigner, first.url)];
    expect(await own.grow(HONEST.slice(0, 300))).toBeUndefined();
    expect(first.store.witness.last(ORIGIN)?.size).toBe(300);
    await first.stop();
    own.list.witnesses = [own.inDirectory(cosigner, (await own.startWitness('w.sqlite', cosigner)).url)];
    expect(cosignedBy(await own.grow(HONEST.slice(0, 400)), cosigner)).toEqual(['w.example/1']);
    expect(own.alarms).toEqual([]);
  });

  test('refuses a second history, larger or as large: both nations learn it', async () => {
    for (const size of [300, 500]) {
      const cosigner = newCosigner(`w.example/${size}`);
      const witness = await own.startWitness(`w${size}.sqlite`, cosigner);
      own.list.witnesses = [own.inDirectory(cosigner, witness.url)];
      own.store.set({ ...(await own.seen(HONEST.slice(0, 300))), size: 300 });
      await feedWitnesses(own.feed, own.followed);
      // The ledger's own nation is shown the second one, as if it had always been.
      own.store.set(await own.seen(OTHER.slice(0, size)));
      await feedWitnesses(own.feed, own.followed);
      await expect.poll(() => kinds(witness.alarms)).toEqual(['fork']);
      expect(witness.alarms[0]?.notes).toHaveLength(2);
      expect(witness.store.witness.last(ORIGIN)?.size).toBe(300);
      expect(cosignedBy(own.store.attested(ORIGIN)?.note, cosigner)).toEqual([cosigner.key.name]);
      expect(openCheckpoint(own.store.attested(ORIGIN)?.note ?? '', own.log.key, ORIGIN).size).toBe(300);
      own.feed.known.clear();
    }
    expect(kinds(own.alarms)).toEqual(['witness-refuses', 'witness-refuses']);
  });

  test.each([
    ['another one', HONEST, ['fork']],
    ['one that is not as long', HONEST.slice(0, 490), []],
    ['the one that it asks for', OTHER, ['fork']],
  ])('is asked for a second history by a log that shows %s', async (_, shown, expected) => {
    const witness = newCosigner('w.example/1');
    const { url, alarms } = await own.startWitness('w.sqlite', witness);
    own.list.witnesses = [own.inDirectory(witness, url)];
    expect(cosignedBy(await own.grow(HONEST.slice(0, 300)), witness)).toEqual(['w.example/1']);
    // Only its own monitor is shown this.
    const { note, at } = await own.log.show('b', OTHER.slice(0, 500));
    own.store.set({ ...openCheckpoint(note, own.log.key, ORIGIN), note, view: at, seenMs: own.clock.ms });
    rmSync(join(own.dir, 'a'), { recursive: true });
    await own.log.show('a', shown);
    await feedWitnesses(own.feed, own.followed);
    expect(kinds(own.alarms)).toEqual(['witness-refuses']);
    await expect.poll(() => kinds(alarms)).toEqual(expected);
    expect(alarms.every(({ notes }) => new Set(notes).size === 2)).toBe(true);
  });

  test('that finds a second history and fails to tell it tells its operator, and looks into the next one', async () => {
    const now = () => own.clock.ms;
    const onAlarm = () => {
      throw new Error('disk full');
    };
    const faults: unknown[] = [];
    const onFault = (error: unknown) => faults.push(error);
    const bell = { store: own.store, now, onAlarm };
    const deps = { logs: [own.followed], store: own.store, bell, now, onFault };
    const { onUnproved } = witnessFor(newCosigner('w.example/1'), 'YY', deps);
    const cosigned = await own.seen(HONEST.slice(0, 300));
    for (const size of [500, 600]) {
      onUnproved(cosigned, await own.seen(OTHER.slice(0, size)));
      await expect.poll(() => faults.splice(0)).toEqual([new Error('disk full')]);
    }
  });

  test('that has cosigned more than the log shows is an alarm: the log went back', async () => {
    const cosigner = newCosigner('w.example/1');
    own.list.witnesses = [own.inDirectory(cosigner, (await own.startWitness('w.sqlite', cosigner)).url)];
    await own.grow(HONEST.slice(0, 400));
    // A ledger restored from a backup, and a monitor that is new as well.
    own.store.set(await own.seen(HONEST.slice(0, 300)));
    own.feed.known.clear();
    await feedWitnesses(own.feed, own.followed);
    expect(kinds(own.alarms)).toEqual(['witness-ahead']);
  });

  test('that does not answer is an alarm after its time, which ends by itself', async () => {
    const cosigner = newCosigner('w.example/1');
    own.list.witnesses = [own.inDirectory(cosigner, 'http://127.0.0.1:1')];
    await own.grow(HONEST.slice(0, 3));
    expect(own.alarms).toEqual([]);
    own.clock.ms += 60_000;
    await own.grow(HONEST.slice(0, 3));
    expect(kinds(own.store.alarms())).toEqual(['witness-silent']);
    own.list.witnesses = [own.inDirectory(cosigner, (await own.startWitness('w.sqlite', cosigner)).url)];
    await own.grow(HONEST.slice(0, 3));
    expect(own.store.alarms()).toEqual([]);
  });

  test.each<[string, (response: ServerResponse) => void]>([
    [
      'another key',
      (response) => void response.end(`— w.example/1 ${Buffer.alloc(76, 1).toString('base64')}\n`),
    ],
    ['nothing', (response) => void response.end()],
    ['a page', (response) => void response.end('<html>'.repeat(1000))],
    ['ten megabytes', (response) => void response.end(Buffer.alloc(10_000_000, 10))],
    ['a size that is none', (response) => void response.writeHead(409).end('-1\n')],
    ['a size beyond the log', (response) => void response.writeHead(409).end('9007199254740991\n')],
    ['a redirection', (response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()],
    ['and breaks off', (response) => void response.writeHead(200).write('— w', () => response.destroy())],
  ])('that answers with %s adds nothing, and does no harm', async (_, answer) => {
    const server = createServer((_request, response) => answer(response));
    const cosigner = newCosigner('w.example/1');
    own.list.witnesses = [own.inDirectory(cosigner, await own.listen(server))];
    expect(await own.grow(HONEST.slice(0, 3))).toBeUndefined();
    expect(kinds(own.alarms).filter((kind) => kind !== 'witness-ahead')).toEqual([]);
  });

  test('cannot add a line under the time of another day', async () => {
    const cosigner = newCosigner('w.example/1');
    own.list.witnesses = [own.inDirectory(cosigner, (await own.startWitness('w.sqlite', cosigner)).url)];
    const late = { ...own.feed, now: () => own.clock.ms + 600_000 };
    await own.log.show('a', HONEST.slice(0, 3));
    await watchLog(own.watch, own.followed);
    await feedWitnesses(late, own.followed);
    expect(own.store.attested(ORIGIN)).toBeUndefined();
  });
});
