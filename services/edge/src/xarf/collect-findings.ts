import type { Note } from '../outbox-row.js';

/** What the sender is told about the conversion. Names of fields and numbers only: a value may be anyone's data. */
export interface Findings {
  /** There is no field for it in our schemas. */
  readonly dropped: (path: string) => void;
  /** There is a field for it, but this value does not fit. */
  readonly misfit: (path: string) => void;
  /** It was carried, but not as it stood there. */
  readonly changed: (path: string, how: string) => void;
  readonly mismatch: (text: string) => void;
  readonly say: (text: string) => void;
  readonly notes: () => Note[];
}

const MOST_NAMES = 20;
const MOST_NOTES = 60;

export function collectFindings(): Findings {
  const lists = { dropped: new Set<string>(), misfit: new Set<string>(), changed: new Set<string>() };
  const mismatches = new Set<string>();
  const said = new Set<string>();
  return Object.freeze({
    dropped: (path: string) => void lists.dropped.add(tame(path)),
    misfit: (path: string) => void lists.misfit.add(tame(path)),
    changed: (path: string, how: string) => void lists.changed.add(`${tame(path)} (${how})`),
    mismatch: (text: string) => void mismatches.add(text),
    say: (text: string) => void said.add(text),
    notes: () =>
      [
        ...[...mismatches].map((text): Note => ({ kind: 'evidence-hash-mismatch', text })),
        ...[...said].map(converted),
        ...listed('carried, but changed', lists.changed),
        ...listed(
          'not carried, because the value is not of the form or not in the list expected',
          lists.misfit,
        ),
        ...listed('not carried, because the network has no field for it', lists.dropped),
      ].slice(0, MOST_NOTES),
  });
}

function listed(what: string, names: ReadonlySet<string>): Note[] {
  if (names.size === 0) return [];
  const more = names.size > MOST_NAMES ? ` and ${names.size - MOST_NAMES} more` : '';
  return [converted(`${what}: ${[...names].slice(0, MOST_NAMES).join(', ')}${more}`)];
}

function converted(text: string): Note {
  return { kind: 'converted', text };
}

/** The sender chooses the names of its extra fields: they are kept short and plain before they are shown again. */
export function tame(name: string): string {
  return name
    .slice(0, 80)
    .replace(/[^A-Za-z0-9_.[\]-]/g, '?')
    .slice(0, 60);
}
