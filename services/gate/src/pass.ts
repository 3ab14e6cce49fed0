import { isSealAlone } from '@entente/seal';
import { act, type Step } from './act.js';
import { concludeHold } from './conclude-hold.js';
import { giveWay } from './give-way.js';
import { type Judged, judge } from './judge.js';
import { forgetHeld, keepHeld } from './keep-held.js';
import { mayGoAhead } from './known-emergencies.js';
import { passKnown, tellOfFirst } from './pass-known.js';
import { record } from './record.js';
import { FIRST, type GateDeps, type Logged } from './state.js';
import { tellPassed } from './tell-passed.js';
import { hasNewer, isByDirectory } from './under-latest.js';

/**
 * The way of every authenticated message through a gate: judged, logged, and then done what is logged.
 * @returns the entry that counts
 */
export function pass(gate: GateDeps, message: Passing): Promise<Logged> {
  const { sealed, stage, traceparents = [] } = message;
  const { id, statement } = sealed.header;
  return gate.tracing.span(
    'gate.pass',
    () => ({
      message: sealed.messageHash,
      carried: traceparents,
      about: statement?.about.map(({ messageHash }) => messageHash) ?? [],
      words: { 'message.id': id, stage },
    }),
    async (note) => {
      const logged = await passOnce(gate, message);
      const { decision = '', code = '' } = logged.record.verdict ?? {};
      note({ decision, code });
      tellPassed(gate).tell({ id, messageHash: sealed.messageHash, stage, decision, code });
      return logged;
    },
  );
}

/** A message on its way through a gate. */
interface Passing extends Omit<Step, 'judged'> {
  /** What came beside it, from a member of this nation only. */
  readonly traceparents?: readonly string[];
}

async function passOnce(gate: GateDeps, message: Passing): Promise<Logged> {
  const { sealed, stage } = message;
  const way = giveWay(gate);
  if (way.isNeeded() && !mayGoAhead(gate, sealed)) await way.ordinary();
  const judged = await judgeUnderLatest(gate, sealed, stage);
  const step = { ...message, judged };
  if (isSealAlone(sealed, message.envelope)) return await passKnown(gate, step);
  const recorded = await record(gate, sealed, stage, judged);
  const logged = isHold(recorded) ? await concludeHold(gate, step, recorded) : recorded;
  gate.meter.logged(stage, sealed.header.issuedAtMs, logged);
  // Before the refusal: who had forgotten the first then does not read for a moment that its message was refused.
  if (recorded.claimed) await tellOfFirst(gate, step, recorded.claimed);
  await act(gate, step, logged);
  // Answered first: if what follows fails, it comes again with the message.
  if (isHold(logged)) await keepHeld(gate, step, logged);
  else if (logged.record.step !== FIRST) await forgetHeld(gate, sealed.messageHash);
  return logged;
}

const isHold = ({ record: { verdict } }: Logged): boolean => verdict?.decision === 'hold';

/** INVARIANT: what a newer directory may permit is not put on record as refused before that was looked for: the first entry stays. */
async function judgeUnderLatest(
  gate: GateDeps,
  sealed: Step['sealed'],
  stage: Step['stage'],
): Promise<Judged> {
  const judged = judge(gate, sealed, stage);
  const isFinal = judged.event !== 'rejection' || !isByDirectory(judged.verdict?.code);
  return isFinal || !(await hasNewer(gate, judged.directory)) ? judged : judge(gate, sealed, stage);
}
