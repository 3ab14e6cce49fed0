import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Facts, MemberType, Role } from '@entente/contract';
import type { Crossing, Party } from './crossing.js';
import { findClocks } from './find-standing.js';
import { packsDir } from './packs-dir.js';
import type { Tables } from './table-shapes.js';

export const DAY = '2026-11-23';

/** `hotline.de`, `isp2.fr access`: the id, which begins with the type, and the role where it is another word. */
export function party(text: string): Party {
  const [id = '', role = ''] = text.split(' ');
  const [name = '', nation = ''] = id.split('.');
  const type = name.replace(/\d/, '') as MemberType;
  return {
    id,
    nation: nation.toUpperCase(),
    types: [type],
    role: (role || (type === 'isp' ? 'hosting' : type)) as Role,
  };
}

export function facts(changes: Partial<Facts> = {}): Facts {
  return {
    category: 'csam',
    action: 'remove',
    force: 'notice',
    purpose: 'removal',
    legalBasis: ['dsa-16'],
    instrument: '',
    dataClasses: ['free-text', 'content-hash'],
    subjects: [],
    itemCount: 1,
    handling: 'TLP:AMBER',
    urgency: 'routine',
    scope: 'exact-address',
    deadlineMs: 0,
    retentionDays: 180,
    reporterConsent: false,
    dataSought: [],
    accuracy: 'assessed',
    origin: '',
    onwardConsent: false,
    agreement: 'none',
    criminality: 'not-stated',
    handlingCode: 'none',
    clocks: [],
    update: '',
    results: [],
    checks: [],
    ...changes,
  };
}

/** As the sender's nation sees it; as the recipient's with `at`. */
export function crossing(
  from: string,
  to: string,
  changes: Partial<Facts> = {},
  { at, day = DAY }: { readonly at?: string; readonly day?: string } = {},
): Crossing {
  const [sender, recipient] = [party(from), party(to)];
  const nation = at ?? sender.nation;
  const stage = sender.nation === recipient.nation ? 'inside' : nation === sender.nation ? 'leave' : 'enter';
  const crossed = { nation, stage, from: sender, to: recipient, facts: facts(changes), day } as const;
  return changes.clocks ? crossed : withClocks(crossed);
}

const clocks: Tables['clocks'] = JSON.parse(readFileSync(join(packsDir, 'tables/clocks.json'), 'utf8')).rows;

/** As an edge sends it: with the deadlines that the table sets. */
export function withClocks(crossed: Crossing): Crossing {
  const set = findClocks({ clocks } as Tables, crossed).map(({ clock, minutes }) => ({ clock, minutes }));
  return { ...crossed, facts: { ...crossed.facts, clocks: set } };
}

export const ORDER = {
  tco: {
    category: 'terrorist-content',
    force: 'order',
    instrument: 'tco-removal-order',
    legalBasis: ['tco-3'],
  },
  dsa9: { category: 'csam', force: 'order', instrument: 'dsa-9-order', legalBasis: ['dsa-9'] },
  dsa10: {
    category: 'fraud',
    force: 'order',
    instrument: 'dsa-10-order',
    action: 'produce',
    dataSought: ['subscriber'],
    legalBasis: ['dsa-10'],
  },
  block: {
    category: 'csam',
    force: 'order',
    instrument: 'blocking-order',
    action: 'block',
    legalBasis: ['national-law'],
  },
  preserve: {
    category: 'malware',
    force: 'order',
    instrument: 'preservation-order',
    action: 'preserve',
    legalBasis: ['budapest-16'],
  },
  court: { category: 'fraud', force: 'order', instrument: 'court-order', legalBasis: ['national-law'] },
} as const satisfies Record<string, Partial<Facts>>;

export interface Copy {
  readonly dir: string;
  /** Changes a file's text, or makes it. */
  edit(name: string, change: (text: string) => string): void;
  remove(name: string): void;
}

/** The shipped packs in a folder of their own, gone when `use` is over. */
export function withCopy<T>(use: (copy: Copy) => T): T {
  const dir = mkdtempSync(join(tmpdir(), 'entente-packs-'));
  try {
    cpSync(packsDir, dir, { recursive: true });
    return use({
      dir,
      edit: (name, change) => edit(join(dir, name), change),
      remove: (name) => rmSync(join(dir, name), { recursive: true }),
    });
  } finally {
    rmSync(dir, { recursive: true });
  }
}

function edit(path: string, change: (text: string) => string): void {
  writeFileSync(path, change(readOr(path, '')));
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return otherwise;
  }
}
