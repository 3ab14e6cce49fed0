import { createServer, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { DirectoryWitness } from '@entente/audit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { feedWitnesses } from './feed-witnesses.js';
import { newOtherWitness, type OtherWitness } from './fixture/other-witness.js';
import { HONEST, ORIGIN, OTHER } from './fixture/shown-log.js';
import { kinds, newCosigner, openWitnessedLog, type WitnessedLog } from './fixture/witnessed-log.js';
import { openStore } from './store.js';
import { watchLog } from './watch-log.js';

let own: WitnessedLog;
let other: OtherWitness;
beforeEach(async () => {
  own = openWitnessedLog();
  other = newOtherWitness('other.example/w', ORIGIN, own.log.raw, () => own.clock.ms);
  own.list.witnesses = [named(await own.listen(other.server))];
});
afterEach(() => own.close());

const named = (url: string): DirectoryWitness =>
  own.inDirectory({ ...newCosigner('x'), key: other.key }, url);
const asked = () => other.asked.splice(0);

describe('a witness that is not ours and follows C2SP alone', () => {
  test('cosigns each checkpoint, from the size that it has cosigned before', async () => {
    for (const size of [1, 2, 300, 512, 700]) {
      await own.grow(HONEST.slice(0, size));
      expect(own.cosigned([other.key])).toEqual([size, ['other.example/w']]);
    }
    expect(asked()).toEqual([0, 1, 2, 300, 512]);
    expect(own.alarms).toEqual([]);
  });

  test.each([
    ['as large', 300],
    ['larger', 700],
  ])('says to a monitor that lost all it knew from where to prove: of a log that is %s', async (_, size) => {
    await own.grow(HONEST.slice(0, 300));
    asked();
    const store = openStore(join(own.dir, 'new.sqlite'));
    const fresh = { store, known: new Map() };
    await own.log.show('a', HONEST.slice(0, size));
    await watchLog({ ...own.watch, store }, own.followed);
    await feedWitnesses({ ...own.feed, ...fresh }, own.followed);
    expect(asked()).toEqual([0, 300]);
    expect(store.attested(ORIGIN)?.size).toBe(size);
    expect(other.last.size).toBe(size);
    store.close();
  });

  test('that lost all it knew itself is proved to from the beginning', async () => {
    await own.grow(HONEST.slice(0, 300));
    other.last = newOtherWitness('w', ORIGIN, own.log.raw, Date.now).last;
    asked();
    await own.grow(HONEST.slice(0, 400));
    expect(asked()).toEqual([300, 0]);
    expect(own.cosigned([other.key])).toEqual([400, ['other.example/w']]);
  });

  test('that has another history of the same size, and names no size as it refuses, is an alarm', async () => {
    await own.grow(HONEST.slice(0, 300));
    own.store.set(await own.seen(OTHER.slice(0, 300)));
    await feedWitnesses(own.feed, own.followed);
    expect(kinds(own.alarms)).toEqual(['witness-refuses']);
    expect(asked()).toEqual([0, 300]);
  });
});

describe('a witness that', () => {
  const conflict = (body: string) => (response: ServerResponse) => void response.writeHead(409).end(body);
  const behind = 'what it answers is no cosignature';

  test.each<[string, (response: ServerResponse) => void, string[], string]>([
    ['does not know the log', (response) => void response.writeHead(404).end(), [], 'it answers HTTP 404'],
    ['lies about a size before', conflict('7\n'), [], 'it answers HTTP 409'],
    ['names a size beyond', conflict('900\n'), ['witness-ahead'], 'it names a size beyond the log'],
    ['names no number', conflict('1e3\n'), [], 'it answers HTTP 409'],
    ['sends a page', (response) => void response.end('<html>\n'), [], behind],
    ['closes', (response) => void response.destroy(), [], 'it, or the log, does not answer'],
    ['is slow', () => undefined, [], 'it, or the log, does not answer'],
  ])(
    '%s is said with why, keeps no other from cosigning, and is asked again',
    async (_, answer, also, why) => {
      let requests = 0;
      let isHonest = false;
      const lying = newOtherWitness('lying.example/w', ORIGIN, own.log.raw, () => own.clock.ms);
      const server = createServer((request, response) => {
        requests++;
        if (isHonest) lying.server.emit('request', request, response);
        else answer(response);
      });
      own.list.witnesses.push({ ...named(await own.listen(server)), key: lying.key, name: lying.key.name });
      own.clock.ms += own.feed.silenceMs;
      await own.grow(HONEST.slice(0, 300));
      expect(own.cosigned([other.key, lying.key])).toEqual([300, ['other.example/w']]);
      expect(requests).toBeLessThanOrEqual(2);
      const said = own.alarms.map(({ kind, detail }) => [kind, detail]);
      const detail = `the witness lying.example/w of YY does not cosign: ${why}`;
      expect(said.filter(([kind]) => kind === 'witness-silent')).toEqual([['witness-silent', detail]]);
      expect(kinds(own.alarms).filter((kind) => kind !== 'witness-silent')).toEqual(also);
      isHonest = true;
      await own.grow(HONEST.slice(0, 301));
      expect(own.cosigned([other.key, lying.key])).toEqual([301, ['other.example/w', 'lying.example/w']]);
      expect(kinds(own.store.alarms())).toEqual(also);
    },
    20_000,
  );
});
