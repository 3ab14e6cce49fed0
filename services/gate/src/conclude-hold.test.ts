import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startBorder, type TestBorder } from './fixture/test-border.js';
import { HOUR, holdKit } from './fixture/test-holds.js';
import { type Approval, approval } from './fixture/test-messages.js';

let border: TestBorder;
beforeAll(async () => {
  border = await startBorder();
});
afterAll(async () => await border?.stop());
const { told, handIn, forgetAll, order, say, keep } = holdKit(() => border);
beforeEach(forgetAll);

describe('nobody releases it, and nobody returns it, but a court for which it waits:', () => {
  it.each<[string, string, Partial<Approval>]>([
    ['its sender', 'prosecutor.nl', { to: 'isp.nl access' }],
    ['its recipient', 'isp.nl access', {}],
    ['the police', 'police.nl', {}],
    [
      'a court about another message',
      'court.nl',
      { about: { id: 'a'.repeat(32), hash: Buffer.alloc(32, 3) } },
    ],
    ['a prosecutor who is a court as well, as a prosecutor', 'magistrate.nl prosecutor', {}],
  ])('not %s', async (_who, by, more) => {
    const sealed = await order();
    for (const word of ['released', 'not-released'] as const) {
      await say(sealed, by, { word, ...more });
      await handIn('prosecutor.nl', sealed);
      expect((await told('prosecutor.nl')).at(-1)).toBe('held crossing');
    }
    expect((await told('isp.nl')).filter((word) => word.startsWith('passage'))).toEqual(
      by === 'prosecutor.nl' ? ['passage inside', 'passage inside'] : [],
    );
  });

  it('not its sender, as the court that it is as well', async () => {
    const sealed = await order({ from: 'magistrate.nl prosecutor' });
    await say(sealed, 'magistrate.nl court', { to: 'isp.nl access' });
    await told('magistrate.nl');
    await handIn('magistrate.nl', sealed);
    expect(await told('magistrate.nl')).toEqual(['held crossing']);
  });

  it('not its recipient, as the court that it is as well, which is not told either', async () => {
    const sealed = await order({ to: 'bench.nl access' });
    expect(await told('bench.nl')).toEqual([]);
    await say(sealed, 'bench.nl court');
    await told('bench.nl');
    await handIn('prosecutor.nl', sealed);
    expect((await told('prosecutor.nl')).at(-1)).toBe('held crossing');
    await say(sealed, 'court.nl');
    expect(await told('bench.nl')).toEqual(['passage inside']);
  });

  it('not who says that it is a court', async () => {
    const sealed = await order();
    await say(sealed, 'police.nl court');
    expect(await told('police.nl')).toEqual(['submission-rejected rejection role-not-held']);
    await handIn('prosecutor.nl', sealed);
    expect((await told('prosecutor.nl')).at(-1)).toBe('held crossing');
  });

  it('not a court whose role was taken from it since, nor one whose key was revoked', async () => {
    const sealed = await order();
    await keep(sealed);
    await say(sealed, 'court.nl');
    await told('prosecutor.nl');
    const { nations, gate } = border;
    const directory = gate.directory();
    const court = nations.nl.part.members.find(({ id }) => id === 'court.nl');
    const keys = court?.keys.map((key) => ({ ...key, revokedAtMs: Date.now() - HOUR }));
    const dismissed = async (change: object) => {
      const members = nations.nl.part.members.map((one) => (one === court ? { ...one, ...change } : one));
      await nations.writePart(nations.nl, { members });
      const other = await nations.load();
      await nations.writePart(nations.nl);
      return { ...gate, directory: () => ({ ...other, sha256: directory.sha256 }) };
    };
    for (const change of [{ roles: ['police'] }, { suspendedAtMs: Date.now() - HOUR }, { keys }]) {
      await handIn('prosecutor.nl', sealed, await dismissed(change));
      expect(await told('prosecutor.nl')).toEqual(['held crossing']);
    }
    await handIn('prosecutor.nl', sealed);
    expect(await told('prosecutor.nl')).toEqual(['submission-accepted crossing']);
  });

  it('not evidence that names it', async () => {
    const sealed = await order();
    const word = await approval(border, { by: 'court.nl', about: sealed, header: { kind: 2 as never } });
    await handIn('court.nl', word);
    await told('prosecutor.nl');
    await handIn('prosecutor.nl', sealed);
    expect(await told('prosecutor.nl')).toEqual(['held crossing']);
  });
});
