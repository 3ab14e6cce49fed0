import {
  type Content,
  computeFacts,
  type DataClass,
  type Facts,
  parseContent,
  pseudonymiseContent,
  Rejection,
  redactContent,
  type StatedClock,
  type Submission,
  schemaNameOf,
  setClocks,
  subjects,
  type TimedContent,
  wire,
} from '@entente/contract';
import type { CheckedSubmission, Note } from './outbox-row.js';
import { type Edge, TIMEOUT_MS } from './state.js';

/** Redactions first, then what they uncover, then the clocks: more rounds than the rules can need. */
const ROUNDS = 6;

type NationVerdict = wire.PreflightReplyFrame['verdicts'][number];

/** Something that the rules of a nation had done to a report before it went. */
export interface Change {
  readonly duty: 'redact' | 'pseudonymise';
  readonly dataClass: DataClass;
  readonly nation: string;
  readonly rules: readonly wire.VerdictFrame['rules'][number][];
}

export interface Reduced extends TimedContent {
  readonly changes: readonly Change[];
  /** What each gate says to the content as it would go. */
  readonly verdicts: readonly NationVerdict[];
}

/**
 * Derive, then enforce, then ask again: what the gates would have removed is removed or replaced by a pseudonym, and the
 * clocks that the recipient's nation sets are written in. A refusal that nothing cures leaves the content as it is.
 *
 * @param isChecked this process has checked the content: then of its clocks alone is looked whether they may stand there
 * @throws Rejection `content-invalid` when what is left is no report any more; those of the gate's; BusError: try again
 */
export async function reduce(
  edge: Edge,
  { caseId, submission }: { readonly caseId: string; readonly submission: CheckedSubmission },
  isChecked: boolean,
): Promise<Reduced> {
  let known = withFacts(submission.content);
  const changes: Change[] = [];
  for (let round = 0; ; round++) {
    const { content, facts } = known;
    const verdicts = await ask(edge, submission, facts);
    const clocks = clocksOf(verdicts);
    const isTimed = sameClocks(facts, clocks);
    // First the clocks: what is said of a removal shall not name the rule about them.
    const wanted = isTimed ? duties(verdicts) : [];
    if (round >= ROUNDS || (isTimed && wanted.length === 0)) {
      const { bytes = jsonBytes(content) } = known;
      return { content, facts, bytes, changes, verdicts };
    }
    const isSame = wanted.length === 0 && (isChecked || round > 0);
    const timed = isSame ? setClocks(known, clocks) : undefined;
    known = timed ?? check(carryOut(edge, caseId, content, wanted), clocks, wanted);
    changes.push(...wanted);
  }
}

/** A content that has passed its schema; its text, where it was written already. */
type Known = Omit<TimedContent, 'bytes'> & Partial<Pick<TimedContent, 'bytes'>>;

function withFacts(content: Content): Known {
  return { content, facts: computeFacts(content) };
}

/** For the sender to read, with the message. */
export function noteOf({ duty, dataClass, nation, rules }: Change): Note {
  const what = duty === 'redact' ? 'was removed' : 'was replaced by pseudonyms';
  const why = rules.map(({ id, basis, says }) => `${says} (${basis}; rule ${id})`).join(' ');
  return { kind: 'reduced', text: `${dataClass} ${what} before sending, as ${nation} asks: ${why}` };
}

async function ask(edge: Edge, submission: Submission, facts: Facts): Promise<readonly NationVerdict[]> {
  const { from_role: fromRole, to_role: toRole, to } = submission;
  const request = wire.preflightRequest.encode({ from: edge.member, fromRole, to, toRole, facts });
  return await edge.preflights(request, async () => {
    const reply = await askGate(edge, request);
    return wire.preflightReply.decode(reply).verdicts;
  });
}

async function askGate({ bus, clock, member }: Edge, request: Uint8Array): Promise<Uint8Array> {
  return await bus.request(subjects.preflight(member), request, {
    timeoutMs: TIMEOUT_MS,
    onTime: clock.tell,
  });
}

/** Each answer of the gate says what its clock says, also that to a request for nothing. */
export async function askTime(edge: Edge): Promise<void> {
  await askGate(edge, new Uint8Array());
}

/**
 * Before something that came is judged, and answered under a seal. Since it was started nobody may have told this edge what the time is, and
 * its own clock may be wrong: the gate is asked, which has just delivered something.
 * @throws BusError, ClockDiffers: try again
 */
export async function confirmTime(edge: Edge): Promise<void> {
  if (!edge.clock.wasTold()) await askTime(edge);
  edge.clock.check();
}

/**
 * What would have to be done for both gates. If one would refuse for good, nothing is cut off in vain: the report goes as it
 * is, and is refused as it is. Where one asks to remove what the other would have replaced, it is removed.
 */
function duties(verdicts: readonly NationVerdict[]): Change[] {
  const refusals = verdicts.flatMap(({ nation, verdict }) =>
    verdict?.decision === 'refuse' ? [{ nation, verdict }] : [],
  );
  if (refusals.some(({ verdict }) => verdict.remedies.length === 0)) return [];
  const all = refusals.flatMap(({ nation, verdict: { remedies, rules } }) =>
    remedies.flatMap((remedy): Change[] => {
      const [duty, dataClass] = remedy.split(':');
      if (duty !== 'redact' && duty !== 'pseudonymise') return [];
      return [{ duty, dataClass: dataClass as DataClass, nation, rules }];
    }),
  );
  const sorted = all.sort((a, b) => Number(b.duty === 'redact') - Number(a.duty === 'redact'));
  return sorted.filter(
    (change, i) => sorted.findIndex((other) => other.dataClass === change.dataClass) === i,
  );
}

function carryOut(edge: Edge, caseId: string, content: Content, wanted: readonly Change[]): Content {
  const schema = schemaNameOf(content);
  return wanted.reduce((left, { duty, dataClass }) => {
    if (duty === 'redact') return redactContent(left, schema, dataClass);
    return pseudonymiseContent(left, schema, dataClass, (value) => edge.pseudonymise(caseId, value));
  }, content);
}

/** All of it, as it was never looked at. */
function check(changed: Content, clocks: readonly StatedClock[], wanted: readonly Change[]): TimedContent {
  const bytes = jsonBytes(withClocks(changed, clocks));
  try {
    const content = parseContent(bytes);
    return { content, facts: computeFacts(content), bytes };
  } catch (cause) {
    if (!(cause instanceof Rejection) || wanted.length === 0) throw cause;
    const classes = wanted.map(({ dataClass }) => dataClass).join(', ');
    throw new Rejection(
      cause.code,
      `The rules ask to leave out ${classes}, and without that this is no report any more: ${cause.message}`,
      cause,
    );
  }
}

function jsonBytes(content: Content): Uint8Array {
  return Buffer.from(JSON.stringify(content));
}

/** Those of the recipient's nation; of the sender's own, where the other's pack is not known. */
function clocksOf(verdicts: readonly NationVerdict[]): StatedClock[] {
  const clocks = verdicts.find(({ stage }) => stage !== 'leave')?.clocks ?? verdicts[0]?.clocks ?? [];
  // The words are of closed lists: `check` reads them again.
  return clocks.map(({ extendedBy, basis: _, ...clock }) => {
    const extended = extendedBy === '' ? {} : { extended_by: extendedBy };
    return { ...clock, ...extended } as StatedClock;
  });
}

function sameClocks(facts: Facts, clocks: readonly StatedClock[]): boolean {
  const text = (list: Facts['clocks']) =>
    list
      .map(({ clock, minutes }) => `${clock}/${minutes}`)
      .sort()
      .join();
  return text(facts.clocks) === text(clocks);
}

function withClocks({ clocks: _, ...content }: Content, clocks: readonly StatedClock[]): Content {
  return clocks.length === 0 ? content : { ...content, clocks };
}
