/** Every span that a service makes, with its kind; `docs/operate.md` is compared with this list by a test. */
export const SPANS = Object.freeze({
  'edge.send': 'producer',
  'edge.send-again': 'producer',
  'gate.pass': 'consumer',
  'gate.record': 'client',
  'ledger.append': 'server',
  'gate.forward': 'producer',
  'gate.answer': 'producer',
  'gate.return': 'consumer',
  'edge.receive': 'consumer',
  'edge.evidence': 'consumer',
} as const);

export type SpanName = keyof typeof SPANS;

/** Ids, digests and words of closed lists. Never content, facts or names: a collector may stand anywhere. */
export type SpanWords = Readonly<Partial<Record<'message.id' | 'stage' | 'decision' | 'code', string>>>;

export interface SpanAbout {
  /** The hash of the message whose trace this is part of. Its bytes have been proved to be that message's. */
  readonly message: Uint8Array;
  /** It is the one that all others of the trace are under. */
  readonly isFirst?: boolean;
  /** The `traceparent` headers that came with the message, as they came. */
  readonly carried?: readonly string[];
  /** When it began, if not now. */
  readonly startedMs?: number;
  /** The hashes of messages that this one speaks of: links to their traces. */
  readonly about?: readonly Uint8Array[];
  readonly words?: SpanWords;
}

/** What comes to light while the work goes on. */
export type NoteWords = (words: SpanWords) => void;

export interface Tracing {
  /** Work on a message. What it is about is asked only where spans are made. */
  readonly span: <T>(
    name: SpanName,
    about: () => SpanAbout,
    work: (note: NoteWords) => Promise<T>,
  ) => Promise<T>;
  /** A part of the work that is under way; no span where none is. */
  readonly part: <T>(name: SpanName, work: () => Promise<T>) => Promise<T>;
  /** The `traceparent` of what is under way, to go along with it; undefined if that is not traced. */
  readonly current: () => string | undefined;
  /** Sends what is left. */
  readonly stop: () => Promise<void>;
}

/** What is not traced is noted nowhere. */
export const noted: NoteWords = () => undefined;

/** Costs a call. */
export const NO_TRACING = Object.freeze<Tracing>({
  span: (_name, _about, work) => work(noted),
  part: (_name, work) => work(),
  current: () => undefined,
  stop: async () => undefined,
});
