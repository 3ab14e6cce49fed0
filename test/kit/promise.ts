import { auditLog, chooseLogs, type NetworkHome, reconcile } from '@entente/cli';
import type { TestNetwork } from './network.js';
import type { Traffic } from './traffic.js';
import { waitFor } from './wait.js';

/**
 * What of the messages is not as it was promised.
 * @param withinMs how long to wait for each outcome: a message that a store has lost goes again within five minutes, and a second fault may
 * have met that one as well
 */
export async function findLosses(
  net: TestNetwork,
  { sent, said }: Traffic,
  withinMs = 600_000,
): Promise<string[]> {
  const losses: string[] = [];
  const ended = async (by: string, id: string) => {
    const message = await waitFor(
      `an outcome of ${id}`,
      async () => {
        const found = await net.client(by).message(id);
        return found.outcome === '' ? undefined : found;
      },
      withinMs,
    );
    if (message.outcome !== 'delivered') losses.push(`${id} of ${by}: ${message.outcome} ${message.code}`);
  };
  for (const { from, id } of sent) await ended(from, id);
  for (const { by, id } of said) await ended(by, id);
  for (const { from, to, id, caseId } of sent) {
    const [there, here] = [await net.client(to).case(caseId), await net.client(from).case(caseId)];
    const copies = there.received.filter((row) => row.id === id).length;
    if (copies !== 1) losses.push(`${id} is ${copies} times at ${to}`);
    const view = ({ state, items, said: all }: (typeof here.referrals)[number]) =>
      JSON.stringify({ state, items, all });
    const [ours, theirs] = [here.referrals[0], there.referrals[0]];
    if (!ours || !theirs || view(ours) !== view(theirs)) losses.push(`the ends do not agree about ${caseId}`);
  }
  return losses;
}

/** What is wrong in the logs, as an auditor finds it: files, hashes, records, signatures and times; and where two nations' logs differ. */
export async function judgeLogs(home: NetworkHome) {
  const sources = chooseLogs({ home: home.dir });
  const audits = await Promise.all(sources.map((source) => auditLog(source, { verdicts: false })));
  const logs = audits.flatMap(({ nation, faults }) =>
    faults.map(({ index, code, detail }) => `${nation} ${index}: ${code} ${detail}`),
  );
  const { disagreements } = await reconcile(sources);
  return { logs, disagreements: disagreements.map(({ detail }) => detail) };
}
