import type { InspectionView } from './access-view.js';
import type { EdgeClient } from './edge-client.js';

/** The message that an edge is to open, as the log names it. */
export interface AskedInspection {
  readonly case_id: string;
  readonly message_id: string;
  /** Hex. */
  readonly message_hash: string;
  /** Its sender or its recipient. */
  readonly of: string;
  readonly reason: string;
}

/** Asks as an auditor, and waits for the answer for so long; what has come until then is returned. */
export async function inspectMessage(
  client: EdgeClient,
  asked: AskedInspection,
  forMs: number,
): Promise<InspectionView> {
  const { id } = await client.inspect(asked);
  return await waitForAnswer(client, id, forMs);
}

export function wordsOfInspection({ result, state, code }: InspectionView): string {
  return RESULTS[result] ?? `no answer yet (${state} ${code})`;
}

const RESULTS: Readonly<Record<string, string>> = {
  match: 'MATCH. It is to the byte what was sealed, and what was declared to the gates follows from it.',
  'match-sealed':
    'MATCH. It is to the byte what was sealed. It was written under a schema that this edge does not have, so what was declared to the gates is not compared.',
  'no-match-content': 'NO MATCH. What was opened is not what was sealed.',
  'no-match-justification':
    'NO MATCH. What was opened as its justification is not what was sealed as that, or there was none.',
  'no-match-facts': 'NO MATCH. It declared other facts to the gates than it says.',
  'no-match-message': 'NO MATCH. Another message was opened than the one that was asked for.',
  erased: 'Not opened: the edge has erased it.',
  unknown: 'Not opened: the edge does not have this message.',
  'too-large': 'Not opened: it is too large to be sent beside its seal.',
};

async function waitForAnswer(client: EdgeClient, id: string, forMs: number): Promise<InspectionView> {
  const untilMs = Date.now() + forMs;
  for (;;) {
    const seen = await client.inspection(id);
    const isOver = seen.result !== '' || ['refused', 'expired'].includes(seen.state);
    if (isOver || Date.now() >= untilMs) return seen;
    await new Promise((done) => setTimeout(done, 200));
  }
}
