import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { faultOf, openQuarantine } from './quarantine.js';

let dir: string;
beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), 'entente-quarantine-')), 'q');
});
afterEach(() => rmSync(join(dir, '..'), { recursive: true }));

const SMALL = { perSource: 2, most: 3, mostBytes: 100_000 };
const id = (n: number) => n.toString(16).padStart(32, '0');
const message = (source: string, bytes: Uint8Array = Buffer.from([0, 255, 1])) => ({
  ...{ source, subject: 'edge.out.hotline_nl', bytes },
});
const fault = new TypeError('secret words');
/** The folder as it is a while after the last change. */
const rest = () => utimesSync(dir, 1, 1);

it('keeps a message for its owner alone, once, and lists what and why', () => {
  const quarantine = openQuarantine(dir, SMALL);
  expect(quarantine.list()).toEqual([]);
  expect(quarantine.keep(id(1), message('hotline_nl'), fault, 0)).toBe('kept');
  expect(quarantine.keep(id(1), message('hotline_nl'), fault, 5)).toBe('known');
  expect(quarantine.list()).toMatchObject([
    { id: id(1), source: 'hotline_nl', subject: 'edge.out.hotline_nl', bytes: 3, isAsked: false },
  ]);
  const [file = ''] = readdirSync(dir);
  expect(statSync(join(dir, file)).mode & 0o777).toBe(0o600);
  expect(statSync(dir).mode & 0o777).toBe(0o700);
  expect(readFileSync(join(dir, file), 'utf8')).not.toContain('secret');
});

it('keeps nothing that it cannot write whole, and leaves no part of it', () => {
  const url = new URL('../dist/quarantine.js', import.meta.url).href;
  // No file beyond 4 blocks of 1024 bytes: as on a disk that is full, what fits of one write is written.
  const code = `import { openQuarantine } from '${url}';
    process.on('SIGXFSZ', () => {});
    const message = { source: 's', subject: 's', bytes: new Uint8Array(5000) };
    try {
      console.log(openQuarantine('${dir}').keep('${id(1)}', message, new Error(), 0));
    } catch (error) {
      console.log(error.code);
    }`;
  const args = ['-c', 'ulimit -f 4; exec "$0" --input-type=module -e "$1"', process.execPath, code];
  expect(execFileSync('bash', args, { encoding: 'utf8' }).trim()).toBe('EFBIG');
  expect(readdirSync(dir)).toEqual([]);
});

it('shows one after the other what is there, also what is asked for meanwhile, and not what goes', () => {
  const quarantine = openQuarantine(dir);
  for (let n = 1; n < 5; n += 1) quarantine.keep(id(n), message('hotline_nl'), fault, 0);
  const seen: string[] = [];
  for (const kept of quarantine.keptUntil(Number.MAX_VALUE)) {
    seen.push(kept.id);
    if (seen.length > 1) continue;
    quarantine.ask(id(2));
    quarantine.drop(id(3));
  }
  expect(seen).toEqual([id(1), id(2), id(4)]);
});

it('gives what an operator asks for to the service, as it came, until it is dropped', () => {
  const operator = openQuarantine(dir, SMALL);
  const service = openQuarantine(dir, SMALL);
  service.keep(id(1), message('DE'), fault, 0);
  expect(service.asked()).toEqual([]);
  expect(operator.ask(id(1))).toBe(true);
  expect(service.asked()).toMatchObject([{ id: id(1), source: 'DE', bytes: Buffer.from([0, 255, 1]) }]);
  service.putBack(id(1));
  expect(service.asked()).toEqual([]);
  expect(operator.drop(id(1))).toBe(true);
  expect([operator.drop(id(1)), operator.ask(id(1)), service.count()]).toEqual([false, false, 0]);
});

describe('whoever can make messages that cannot be handled', () => {
  it('fills its own share, and leaves room for others', () => {
    const quarantine = openQuarantine(dir, SMALL);
    const kept = [1, 2, 3].map((n) => quarantine.keep(id(n), message('bad'), fault, n));
    expect(kept).toEqual(['kept', 'kept', 'full']);
    expect(quarantine.keep(id(9), message('good'), fault, 9)).toBe('kept');
  });

  it('evicts nobody, however many names it has', () => {
    const quarantine = openQuarantine(dir, SMALL);
    quarantine.keep(id(1), message('good'), fault, 0);
    const kept = [2, 3, 4, 5].map((n) => quarantine.keep(id(n), message(`bad${n}`), fault, n));
    expect(kept).toEqual(['kept', 'kept', 'full', 'full']);
    expect(quarantine.list().map(({ source }) => source)).toEqual(['good', 'bad2', 'bad3']);
  });

  it('cannot fill the disk with large ones', () => {
    const quarantine = openQuarantine(dir, SMALL);
    expect(quarantine.keep(id(1), message('bad', Buffer.alloc(60_000)), fault, 0)).toBe('kept');
    expect(quarantine.keep(id(2), message('bad', Buffer.alloc(60_000)), fault, 0)).toBe('full');
    expect(quarantine.keep(id(3), message('good'), fault, 0)).toBe('kept');
  });

  it('has no folder looked through again with each message, as long as nothing changes in it', () => {
    mkdirSync(dir);
    for (let n = 0; n < 1000; n += 1) writeFileSync(join(dir, `bad@${id(n)}.json`), '');
    rest();
    const quarantine = openQuarantine(dir);
    const keep = () => quarantine.keep(id(9999), message('bad'), fault, 0);
    const msOf = (work: () => void) => {
      const fromMs = performance.now();
      for (let n = 0; n < 50; n += 1) work();
      return performance.now() - fromMs;
    };
    expect(keep()).toBe('full');
    expect(msOf(keep)).toBeLessThan(msOf(() => readdirSync(dir)));
    expect(keep()).toBe('full');
  });

  it('finds room as soon as an operator, in another process, makes some', () => {
    const quarantine = openQuarantine(dir, SMALL);
    const keep = (n: number) => quarantine.keep(id(n), message('bad'), fault, n);
    expect([keep(1), keep(2), keep(3)]).toEqual(['kept', 'kept', 'full']);
    openQuarantine(dir, SMALL).drop(id(1));
    expect([keep(3), keep(4)]).toEqual(['kept', 'full']);
    rest();
    expect(keep(4)).toBe('full');
    openQuarantine(dir, SMALL).drop(id(2));
    expect([keep(4), keep(5)]).toEqual(['kept', 'full']);
    // In the tick of the change before, as the file system's clock counts.
    const tick = new Date();
    utimesSync(dir, tick, tick);
    expect(keep(5)).toBe('full');
    openQuarantine(dir, SMALL).drop(id(3));
    utimesSync(dir, tick, tick);
    expect(keep(5)).toBe('kept');
  });

  it('names no file, in this folder or elsewhere', () => {
    const quarantine = openQuarantine(dir, SMALL);
    expect(quarantine.keep(id(1), message('../../etc/x\n'), fault, 0)).toBe('kept');
    expect(readdirSync(dir)).toEqual([`.._.._etc_x_@${id(1)}.json`]);
    expect(readdirSync(join(dir, '..'))).toEqual(['q']);
  });

  it('writes nothing into what the operator reads of the fault', () => {
    const said = 'x\n    at evil (\u001b[2J)\nALARM';
    expect(faultOf(new SyntaxError(said))).toMatch(/^SyntaxError at .*quarantine\.test\.ts/);
    expect(faultOf(new Error(''))).toMatch(/^Error at .*quarantine\.test\.ts/);
    expect(faultOf(Object.assign(new Error('x'), { code: 'A\u001b[2J' }))).toMatch(/^Error A\?\[2J at /);
    expect(faultOf('a string')).toBe('not an Error');
  });
});

it('lets one process after the other have a message in hand', async () => {
  const [one, other] = [openQuarantine(dir, SMALL), openQuarantine(dir, SMALL)];
  one.keep(id(1), message('bad'), fault, 0);
  const said: string[] = [];
  const first = one.inTurn(async () => {
    await delay(100);
    one.drop(id(1));
    said.push('dropped');
  });
  await other.inTurn(async () => void said.push(other.has(id(1)) ? 'is there' : 'is gone'));
  await first;
  expect(said).toEqual(['dropped', 'is gone']);
  await expect(other.inTurn(() => Promise.reject(new Error('x')))).rejects.toThrow('x');
  expect(await one.inTurn(async () => 'again')).toBe('again');
});

it('passes over what is not of its own making', () => {
  mkdirSync(dir);
  writeFileSync(join(dir, `DE@${id(1)}.json.77`), 'half of one');
  writeFileSync(join(dir, 'README'), 'x');
  expect(openQuarantine(dir, SMALL).list()).toEqual([]);
});

it('names a file that is damaged, and not what stands in it', () => {
  mkdirSync(dir);
  const damaged = join(dir, `DE@${id(1)}.json`);
  writeFileSync(damaged, 'SECRET');
  const list = () => openQuarantine(dir, SMALL).list();
  expect(list).toThrow(`${damaged} is damaged: `);
  expect(list).not.toThrow('SECRET');
});
