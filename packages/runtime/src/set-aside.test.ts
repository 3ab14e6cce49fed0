import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NotNow } from './error.js';
import { isPassing } from './is-passing.js';
import { openDatabase } from './open-database.js';
import { openQuarantine, type Quarantine } from './quarantine.js';
import { retryAsked } from './retry-asked.js';
import { createSetAside, type SetAside } from './set-aside.js';

let dir: string;
let quarantine: Quarantine;
let setAside: SetAside;
let lines: string[];
let told: number;
let clockMs: number;
const isFault = (error: unknown) => !isPassing(error);
const say = (level: string) => (_facts: unknown, words: string) => void lines.push(`${level} ${words}`);
const logger = { warn: say('warn'), error: say('error') } as never;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'entente-aside-'));
  quarantine = openQuarantine(join(dir, 'q'), { perSource: 2, most: 9, mostBytes: 1e6 });
  [lines, told, clockMs] = [[], 0, 0];
  setAside = createSetAside({ quarantine, isFault, logger, now: () => clockMs, after: 3 });
});
afterEach(() => rmSync(dir, { recursive: true }));

const fails = (error: unknown) => async (): Promise<'done'> => {
  throw error;
};
const tell = async () => {
  told += 1;
};
const poison = (n: number) => ({
  ...{ source: 'bad', subject: 's', bytes: Buffer.from(`poison ${n}`) },
  kind: () => 'referral',
});
const come = (n: number, error: unknown = new TypeError('x'), say = tell) =>
  setAside(poison(n), fails(error), say).catch(() => 'again');
const another = (kind = 'referral') =>
  setAside({ ...poison(0), source: 'good', kind: () => kind }, async () => 'done', tell);
const times = async (count: number, what: () => Promise<unknown>) => {
  const outcomes: unknown[] = [];
  for (let n = 0; n < count; n += 1) outcomes.push(await what());
  return outcomes;
};

it('keeps what fails again and again while others pass, says so once, and tells the sender', async () => {
  expect(await come(1)).toBe('again');
  expect(await another()).toBe('done');
  expect(await times(2, () => come(1))).toEqual(['again', 'drop']);
  expect([quarantine.count(), told]).toEqual([1, 1]);
  expect(lines).toEqual(['error ALARM: a message cannot be handled; it is kept in quarantine']);
});

it('writes no more of a source into the log than into the name of a file', async () => {
  const facts: object[] = [];
  const keeping = { error: (fact: object) => void facts.push(fact), warn: () => undefined } as never;
  const aside = createSetAside({ quarantine, isFault, logger: keeping, now: () => 0, after: 1 });
  const from = (source: string, work: () => Promise<'done'>) =>
    aside({ ...poison(1), source }, work, tell).catch(() => 'again');
  await from('x', fails(new TypeError('x')));
  await from('good', async () => 'done');
  await from('words\n of "a sender"'.repeat(9), fails(new TypeError('x')));
  await aside({ ...poison(2), source: 'good' }, async () => 'done', tell);
  expect(await from('words\n of "a sender"'.repeat(9), fails(new TypeError('x')))).toBe('drop');
  expect(facts).toMatchObject([{ source: expect.stringMatching(/^[\w.-]{1,64}$/) }]);
});

it('keeps nothing while nothing passes: then the fault is not in the message', async () => {
  expect(new Set(await times(20, () => come(1)))).toEqual(new Set(['again']));
  expect(quarantine.count()).toBe(0);
  await another();
  expect(await come(1)).toBe('drop');
});

it('keeps nothing while of the same kind more fail than pass, whatever else passes', async () => {
  for (let turn = 0; turn < 9; turn += 1) {
    for (const n of [1, 2, 3, 4]) await come(n);
    await another('evidence');
  }
  await another();
  expect(await times(4, () => come(1))).toEqual(['again', 'again', 'again', 'again']);
  await times(3, () => another());
  expect(await come(1)).toBe('drop');
});

it('never keeps what has no fault of its own: a busy or full disk, a key or a server that is not there', async () => {
  const passing = [
    new NotNow('x'),
    ...['ENOSPC', 'ECONNREFUSED', 'SQLITE_BUSY', 'SQLITE_FULL', 'SQLITE_IOERR_WRITE'].map((code) =>
      Object.assign(new Error('x'), { code }),
    ),
  ];
  for (const error of passing) {
    await come(1, error);
    await another();
    expect(new Set(await times(9, () => come(1, error)))).toEqual(new Set(['again']));
  }
  expect(quarantine.count()).toBe(0);
});

it('knows a row that SQLite will never take', () => {
  const db = openDatabase(join(dir, 'x.sqlite'), ['CREATE TABLE t (n INTEGER NOT NULL CHECK (n < 9))']);
  const errors: unknown[] = [];
  try {
    db.prepare('INSERT INTO t VALUES (?)').run(10);
  } catch (error) {
    errors.push(error);
  }
  db.close();
  expect(errors).toMatchObject([{ code: 'SQLITE_CONSTRAINT_CHECK' }]);
  expect(errors.map(isPassing)).toEqual([false]);
});

it('leaves in its queue what finds no room, and says so, but not for each', async () => {
  for (const n of [1, 2, 3, 4]) {
    await come(n);
    await another();
    await come(n);
    expect(await come(n)).toBe(n < 3 ? 'drop' : 'again');
  }
  expect(quarantine.count()).toBe(2);
  expect(lines.filter((line) => line.includes('no room'))).toHaveLength(1);
});

it('takes it from its queue only when its sender is told, or cannot ever be', async () => {
  const notNow = async () => {
    throw new NotNow('the ledger is away');
  };
  await come(1);
  await another();
  expect(await times(3, () => come(1, new TypeError('x'), notNow))).toEqual(['again', 'again', 'again']);
  expect(await come(1)).toBe('drop');
  const never = async () => {
    throw new TypeError('y');
  };
  await come(2);
  await another();
  expect(await times(2, () => come(2, new TypeError('x'), never))).toEqual(['again', 'drop']);
  expect(lines.filter((line) => line.includes('cannot be told'))).toHaveLength(1);
});

it('counts anew what has passed in between', async () => {
  await times(2, () => come(1));
  await setAside(poison(1), async () => 'done', tell);
  expect(await come(1)).toBe('again');
});

it('has a message handled again when it is asked to, and puts back what fails again', async () => {
  await come(1);
  await another();
  await times(2, () => come(1));
  const [{ id = '' } = {}] = quarantine.list();
  const retry = (handle: () => Promise<unknown>) => retryAsked({ quarantine, isFault, logger }, handle);
  await retry(fails(new TypeError('not asked for')));
  quarantine.ask(id);
  await expect(retry(fails(new NotNow('x')))).rejects.toThrow('x');
  expect(quarantine.asked()).toHaveLength(1);
  await retry(fails(new TypeError('x')));
  expect([quarantine.asked().length, quarantine.count()]).toEqual([0, 1]);
  expect(lines.at(-1)).toContain('ALARM');
  quarantine.ask(id);
  await retry(async () => 'done');
  expect(quarantine.count()).toBe(0);
  expect(lines.at(-1)).toContain('was handled');
});

it('says of what was refused when it was handled again that it was refused', async () => {
  quarantine.keep('0'.repeat(32), poison(1), new TypeError('x'), 0);
  quarantine.ask('0'.repeat(32));
  await retryAsked({ quarantine, isFault, logger }, async () => 'drop');
  expect(quarantine.count()).toBe(0);
  expect(lines).toEqual(['warn a message from the quarantine was refused, and is gone from it']);
});

it('handles nothing again that was dropped while another was handled', async () => {
  const ids = ['0', '1', '2'].map((digit) => digit.repeat(32));
  for (const [n, id] of ids.slice(0, 2).entries()) quarantine.keep(id, poison(n), new TypeError('x'), 0);
  quarantine.keep(ids[2] as string, { ...poison(2), source: 'good' }, new TypeError('x'), 0);
  for (const id of ids) quarantine.ask(id);
  const [first, ...others] = quarantine.asked();
  const handled: string[] = [];
  await retryAsked({ quarantine, isFault, logger }, async ({ bytes }) => {
    handled.push(Buffer.from(bytes).toString());
    for (const { id } of others) quarantine.drop(id);
  });
  expect(handled).toEqual([Buffer.from(first?.bytes ?? '').toString()]);
  expect(lines).toEqual(['warn a message from the quarantine was handled, and is gone from it']);
});

it('handles nothing again that another process has handled meanwhile, and that failed there', async () => {
  const ids = ['0', '1'].map((digit) => digit.repeat(32));
  for (const [n, id] of ids.entries()) quarantine.keep(id, poison(n), new TypeError('x'), 0);
  for (const id of ids) quarantine.ask(id);
  const [, other] = quarantine.asked();
  let handled = 0;
  await retryAsked({ quarantine, isFault, logger }, async () => {
    handled += 1;
    quarantine.putBack(other?.id ?? '');
  });
  expect([handled, quarantine.count()]).toEqual([1, 1]);
});

describe('of more messages that fail in turn than it can count', () => {
  const MANY = 5000;
  const each = async (of: (n: number) => Promise<unknown>) => {
    for (let n = 0; n < MANY; n += 1) await of(n);
  };
  const from = (source: string, n: number) =>
    setAside({ ...poison(n), source }, fails(new TypeError('x')), tell).catch(() => 'again');
  const good = () => setAside({ ...poison(-1), source: 'good' }, async () => 'done', tell);
  const round = async (last: () => Promise<unknown> = good) => {
    await each((n) => from('bad', n));
    await each(() => good());
    return await last();
  };

  it('some are set aside, as many as there is room for', async () => {
    for (let n = 0; n < 3; n += 1) await round();
    expect(quarantine.list().map(({ source }) => source)).toEqual(['bad', 'bad']);
  });

  it('what another source sends is counted all the same', async () => {
    const other = () => from('other', MANY);
    for (let n = 0; n < 2; n += 1) expect(await round(other)).toBe('again');
    expect(await round(other)).toBe('drop');
  });

  it('none takes a place any more after it came no more', async () => {
    for (let n = 0; n < 2; n += 1) await each((at) => from('bad', at));
    clockMs += 600_000;
    const news = () => from('bad', MANY);
    await news();
    await good();
    expect([await news(), await news()]).toEqual(['again', 'drop']);
  });

  it('those that wait for room make place for those of others', async () => {
    for (let n = 0; n < 4; n += 1) await round();
    const [{ id = '' } = {}] = quarantine.list();
    quarantine.drop(id);
    const news = () => from('bad', MANY + 1);
    for (let n = 0; n < 2; n += 1) {
      await news();
      await each(() => good());
    }
    expect(await news()).toBe('drop');
  });
});
