import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { NotNow } from './error.js';
import { takeTurnWithin } from './take-turn.js';
import { withoutQuote } from './without-quote.js';
import { writeWhole } from './write-whole.js';

/** A message that cannot be handled, as it came: its content still encrypted. */
export interface Quarantined {
  /** Who is proved, or allowed alone, to send under this name: a member or a nation. Each has a share of the folder. */
  readonly source: string;
  /** Where it came. */
  readonly subject: string;
  readonly bytes: Uint8Array;
}

/** What the folder says of one message. */
export interface QuarantineEntry {
  /** Hex digits: the name under which it is listed, retried and dropped. */
  readonly id: string;
  readonly source: string;
  readonly subject: string;
  /** ISO time. */
  readonly at: string;
  /** The error's kind and the place in our code; never its text, which may hold what a sender chose. */
  readonly fault: string;
  readonly bytes: number;
  /** It was asked to be handled again, and the service has not done so yet. */
  readonly isAsked: boolean;
}

export interface QuarantineLimits {
  readonly perSource: number;
  readonly most: number;
  /** Of all files together, bytes. */
  readonly mostBytes: number;
}

export type Quarantine = ReturnType<typeof openQuarantine>;

const LIMITS: QuarantineLimits = { perSource: 100, most: 1000, mostBytes: 256 * 1024 * 1024 };
/** So long one waits for another process that has a message in hand. */
const TURN_WITHIN_MS = 2000;
/** More than the tick of any file system's clock. */
const TICK_MS = 2000;
const FILE = /^([\w.-]{1,64})@([0-9a-f]{32})\.(json|retry)$/;

/**
 * A folder of messages that a service cannot handle, for its owner alone to read. Nothing goes from it for want of room: what finds none
 * is not taken, and its queue keeps it.
 *
 * Whoever can make such messages chooses their bytes and how many there are. It can fill its own share, and is one of those who fill
 * the whole; it chooses no name of a file, and evicts nobody.
 */
export function openQuarantine(dir: string, { perSource, most, mostBytes }: QuarantineLimits = LIMITS) {
  const files = () => {
    if (!existsSync(dir)) return [];
    return readdirSync(dir).flatMap((name) => {
      const [, source = '', id = '', state] = FILE.exec(name) ?? [];
      return id === '' ? [] : [{ name, source, id, isAsked: state === 'retry' }];
    });
  };
  const find = (id: string) => files().find((file) => file.id === id);
  const read = (name: string) => {
    const path = join(dir, name);
    const text = readFileSync(path, 'utf8');
    try {
      return parse(text);
    } catch (cause) {
      throw new Error(`${path} is damaged: ${withoutQuote(cause)}`, { cause });
    }
  };
  const sizeOf = (name: string): number => statSync(join(dir, name), { throwIfNoEntry: false })?.size ?? 0;
  /** A file that is gone meanwhile was kept never. */
  const keptMs = (name: string): number =>
    statSync(join(dir, name), { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY;
  let seen:
    | { readonly changedNs: bigint; readonly all: ReturnType<typeof files>; readonly bytes: number }
    | undefined;
  /** Read again only when a name has come or gone: each message that fails asks for it, and each time that it comes. */
  const look = () => {
    const changedNs = statSync(dir, { bigint: true, throwIfNoEntry: false })?.mtimeNs ?? 0n;
    if (seen?.changedNs === changedNs) return seen;
    const all = files();
    const now = { changedNs, all, bytes: all.reduce((sum, { name }) => sum + sizeOf(name), 0) };
    // Another process may change it again in the tick of the last change, which would not show.
    const isPast = BigInt(Date.now() - TICK_MS) * 1_000_000n > changedNs;
    seen = isPast ? now : undefined;
    return now;
  };

  let turns: Promise<unknown> = Promise.resolve();
  const amongProcesses = async <T>(work: () => Promise<T>): Promise<T> => {
    // Where there is no folder, there is nothing that another one could have in hand.
    if (!existsSync(dir)) return await work();
    const turn = await takeTurnWithin(join(dir, 'turn.lock'), TURN_WITHIN_MS);
    if (!turn) throw new NotNow('another process has a message of this quarantine in hand');
    try {
      return await work();
    } finally {
      turn.release();
    }
  };

  return Object.freeze({
    /**
     * On disk when it returns `kept`. The same message again is `known`.
     * @param id 32 hex digits: of the digest of what makes it the same message
     * @throws what the file system throws: then it is not kept
     */
    keep: (id: string, message: Quarantined, error: unknown, atMs: number): 'kept' | 'known' | 'full' => {
      const { all, bytes } = look();
      if (all.some((file) => file.id === id)) return 'known';
      const source = nameOf(message.source);
      if (all.length >= most || all.filter((file) => file.source === source).length >= perSource)
        return 'full';
      const text = format(message, error, atMs);
      if (bytes + text.length > mostBytes) return 'full';
      const path = join(dir, `${source}@${id}.json`);
      writeWhole(path, text, { folderMode: 0o700, aside: `${path}.${process.pid}` });
      return 'kept';
    },
    count: (): number => files().length,
    has: (id: string): boolean => find(id) !== undefined,
    isAsked: (id: string): boolean => find(id)?.isAsked ?? false,
    /**
     * One after the other, also of several processes that have the same folder: who drops a message, and who handles it again. Of two who drop
     * the same the second finds nothing; and of none is said that it went which somebody has in hand.
     * @throws NotNow where another process has its turn for seconds
     */
    inTurn: async <T>(work: () => Promise<T>): Promise<T> => {
      const turn = turns.then(() => amongProcesses(work));
      turns = turn.catch(() => undefined);
      return await turn;
    },
    /** Of all that is there now. */
    ids: (): ReadonlySet<string> => new Set(files().map(({ id }) => id)),
    list: (): QuarantineEntry[] =>
      files()
        .map(({ name, id, source, isAsked }) => {
          const { subject, at, fault, bytes } = read(name);
          return { id, source, subject, at, fault, bytes: bytes.length, isAsked };
        })
        .sort((a, b) => (a.at < b.at ? -1 : 1)),
    /**
     * What was kept until then, one after the other: all of it would be much to hold at once. Only what is wanted is read. What comes
     * between two of them is not among them; what goes is not, and what is asked to be handled again still is.
     */
    keptUntil: function* (ms: number, isWanted: (id: string) => boolean = () => true) {
      for (const { name: listed, id } of files()) {
        if (!isWanted(id)) continue;
        const name = existsSync(join(dir, listed)) ? listed : (find(id)?.name ?? listed);
        const at = keptMs(name);
        if (at > ms) continue;
        const { subject, bytes } = read(name);
        yield { id, keptMs: at, subject, bytes };
      }
    },
    /** Asks the service whose folder it is to handle it again. @returns whether there is such a message */
    ask: (id: string): boolean => {
      const file = find(id);
      if (file && !file.isAsked) renameSync(join(dir, file.name), join(dir, `${file.source}@${id}.retry`));
      return file !== undefined;
    },
    /** What is to be handled again. */
    asked: () =>
      files()
        .filter(({ isAsked }) => isAsked)
        .map(({ name, id, source }) => ({ id, source, ...read(name) })),
    /** It failed again. */
    putBack: (id: string): void => {
      const file = find(id);
      if (file?.isAsked) renameSync(join(dir, file.name), join(dir, `${file.source}@${id}.json`));
    },
    /** @returns whether there was such a message */
    drop: (id: string): boolean => {
      const file = find(id);
      if (file) rmSync(join(dir, file.name), { force: true });
      return file !== undefined;
    },
  });
}

/** The kind of an error and where it was thrown. What it says is left out: it may quote what a sender wrote. */
export function faultOf(error: unknown): string {
  if (!(error instanceof Error)) return 'not an Error';
  const code = 'code' in error && typeof error.code === 'string' ? ` ${error.code}` : '';
  const { stack = '', message } = error;
  const words = message === '' ? '' : `: ${message}`;
  const frames = stack.includes(words) ? stack.slice(stack.indexOf(words) + words.length) : '';
  const place = /^ {4}at (.*)$/m.exec(frames)?.[1] ?? '';
  return `${error.name}${code} at ${place}`.replace(/[^\x20-\x7e]/g, '?').slice(0, 300);
}

/** As it stands in a file's name and in a log: a source may be what a sender chose. */
export function nameOf(source: string): string {
  return source.replace(/[^\w.-]/g, '_').slice(0, 64) || '_';
}

function format({ source, subject, bytes }: Quarantined, error: unknown, atMs: number): string {
  const at = new Date(atMs).toISOString();
  const base64 = Buffer.from(bytes).toString('base64');
  return `${JSON.stringify({ source, subject, at, fault: faultOf(error), bytes: base64 })}\n`;
}

/** The folder is its service's own: what stands in it was written above. */
function parse(text: string) {
  const { subject, at, fault, bytes } = JSON.parse(text) as Record<string, string>;
  return {
    subject: subject ?? '',
    at: at ?? '',
    fault: fault ?? '',
    bytes: Buffer.from(bytes ?? '', 'base64'),
  };
}
