import type { TestNetwork } from './network.js';
import { waitFor } from './wait.js';

export interface AccessSaid {
  readonly actor: string;
  readonly what: string;
  readonly case_id: string;
  readonly message_id: string;
  readonly justification: string;
  readonly detail: string;
}

/** What the log of accesses of a member says. */
export async function accessesOf(net: TestNetwork, member: string): Promise<AccessSaid[]> {
  return (await net.client(member).access(0)).entries.map(({ entry }) => JSON.parse(entry) as AccessSaid);
}

/** Has it put on record, and waits until the gate's entry is back. */
export async function anchorAccesses(net: TestNetwork, member: string): Promise<void> {
  await net.client(member).anchorAccess();
  await waitFor('an anchor on record', async () => {
    const { size, anchors } = await net.client(member).access(0);
    const [newest] = anchors;
    if (newest?.state === 'logged' && newest.size >= size - 1) return true;
    await net.client(member).anchorAccess();
    return undefined;
  });
}
