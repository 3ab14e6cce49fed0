import { Rejection } from '@entente/contract';
import { hasContent } from '@entente/seal';
import { act, answer, type Step } from './act.js';
import { concludeHold } from './conclude-hold.js';
import { forgetHeld } from './keep-held.js';
import { LedgerRefusal, lookUp } from './ledger-client.js';
import { recordOf } from './record.js';
import { FIRST, type GateDeps, type Logged } from './state.js';

/**
 * A repeat of which only the seal came: what is on record is done again, so that its sender gets all evidence once more. A hold that a
 * refusal or its time has ended is ended by it as by any repeat; what was released went on as it is kept here, when its approval came.
 *
 * INVARIANT: it is never the first entry of a message. Whoever carries one can take its body away; an entry for what is left would stand
 * in the way of the true one for ever.
 *
 * @returns the entry that counts
 * @throws Rejection `body-mismatch` if nothing is on record of it, `expired`
 */
export async function passKnown(gate: GateDeps, step: Step): Promise<Logged> {
  const { sealed, stage, judged } = step;
  try {
    const known = await lookUp(gate, recordOf(sealed, stage, judged, FIRST));
    const logged = await concludeHold(gate, step, known);
    await act(gate, step, logged);
    const { event, step: end } = logged.record;
    if (event === 'rejection' && end !== FIRST) await forgetHeld(gate, sealed.messageHash);
    return logged;
  } catch (error) {
    if (!(error instanceof LedgerRefusal)) throw error;
    if (error.refusal === 'unknown')
      throw new Rejection('body-mismatch', 'only the seal came, of a message that is not on record here');
    if (error.refusal === 'erased') throw new Rejection('expired', 'what the log held of it was erased');
    throw error;
  }
}

/**
 * A sender that has used an id twice hears of the first message as well. An edge that was put back from its backup seals what was a
 * draft then once more: what became of its message is said of the first form.
 */
export async function tellOfFirst(gate: GateDeps, { sealed, stage }: Step, claimed: Logged): Promise<void> {
  const isTold = stage !== 'enter' && hasContent(sealed.header) && claimed.record.event === 'crossing';
  if (!isTold) return;
  const { messageHash } = claimed.record;
  await answer(gate, { stage, sealed: { ...sealed, messageHash } }, claimed);
}
