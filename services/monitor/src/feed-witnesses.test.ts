import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatNote, openCheckpoint, parseNote } from '@entente/audit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HONEST, ORIGIN } from './fixture/shown-log.js';
import { cosignedBy, newCosigner, openWitnessedLog, type WitnessedLog } from './fixture/witnessed-log.js';

let own: WitnessedLog;
beforeEach(() => {
  own = openWitnessedLog();
});
afterEach(() => own.close());

describe('a log that grows', () => {
  test('is cosigned by all witnesses, each checkpoint that is looked at, and read by anybody', async () => {
    const cosigners = [newCosigner('w.example/1'), newCosigner('w.example/2')];
    for (const [i, cosigner] of cosigners.entries())
      own.list.witnesses.push(
        own.inDirectory(cosigner, (await own.startWitness(`w${i}.sqlite`, cosigner)).url),
      );
    for (const size of [1, 2, 300, 300, 512, 700]) {
      const note = await own.grow(HONEST.slice(0, size));
      expect(openCheckpoint(note ?? '', own.log.key, ORIGIN).size).toBe(size);
      expect(cosignedBy(note, ...cosigners)).toEqual(['w.example/1', 'w.example/2']);
    }
    expect(own.alarms).toEqual([]);
    const url = await own.servePublic();
    const answer = await fetch(`${url}/${encodeURIComponent(ORIGIN)}/checkpoint`);
    expect(await answer.text()).toBe(own.store.attested(ORIGIN)?.note);
    expect((await fetch(`${url}/add-checkpoint`, { method: 'POST' })).status).toBe(404);
  });

  test('gets the line of a witness that was away as soon as it is back', async () => {
    const [here, away] = [newCosigner('w.example/1'), newCosigner('w.example/2')];
    own.list.witnesses.push(own.inDirectory(here, (await own.startWitness('w1.sqlite', here)).url));
    own.list.witnesses.push(own.inDirectory(away, 'http://127.0.0.1:1'));
    expect(cosignedBy(await own.grow(HONEST.slice(0, 300)), here, away)).toEqual(['w.example/1']);
    own.list.witnesses[1] = own.inDirectory(away, (await own.startWitness('w2.sqlite', away)).url);
    expect(cosignedBy(await own.grow(HONEST.slice(0, 300)), here, away)).toEqual([
      'w.example/1',
      'w.example/2',
    ]);
  });

  test('is cosigned though whoever shows it has added a false line in the name of a witness', async () => {
    const cosigner = newCosigner('w.example/1');
    own.list.witnesses.push(own.inDirectory(cosigner, (await own.startWitness('w.sqlite', cosigner)).url));
    const { note } = await own.log.show('a', HONEST.slice(0, 3));
    const { text, signatures } = parseNote(note);
    const line = { name: cosigner.key.name, keyId: cosigner.key.id, signature: Buffer.alloc(72, 1) };
    writeFileSync(join(own.dir, 'a/checkpoint'), formatNote(text, [...signatures, line]));
    await own.look();
    expect(cosignedBy(own.store.attested(ORIGIN)?.note, cosigner)).toEqual(['w.example/1']);
  });

  test('that is quiet for long is no silence of its witnesses', async () => {
    const cosigner = newCosigner('w.example/1');
    const witness = await own.startWitness('w.sqlite', cosigner);
    own.list.witnesses = [own.inDirectory(cosigner, witness.url)];
    await own.grow(HONEST.slice(0, 3));
    own.clock.ms += 3_000_000;
    await own.grow(HONEST.slice(0, 3));
    await witness.stop();
    await own.grow(HONEST.slice(0, 4));
    expect(own.alarms).toEqual([]);
  });

  test('is not shown to a witness of its own nation, nor to one whose time is over', async () => {
    const cosigner = newCosigner('w.example/1');
    const { url } = await own.startWitness('w.sqlite', cosigner);
    own.list.witnesses.push(own.inDirectory(cosigner, url, 'XX'), {
      ...own.inDirectory(cosigner, url),
      validUntilMs: own.clock.ms,
    });
    expect(await own.grow(HONEST.slice(0, 3))).toBeUndefined();
  });
});
