import { phishingNotice } from './examples.js';
import { decide, ended, sendHeld } from './holds.js';
import type { TestNetwork } from './network.js';
import { changePack, type EditPack } from './packs.js';

/** The ids of what was sent in `makePast`. */
export interface Past {
  readonly delivered: string;
  readonly released: string;
  readonly refused: string;
  /** Under the pack as it was changed. */
  readonly ended: string;
}

/**
 * In a network with a court: a message that arrives, one that is held and released, one that is held and refused; then the pack of NL is
 * changed, and one more arrives.
 */
export async function makePast(net: TestNetwork, edit: EditPack): Promise<Past> {
  const send = async () => {
    const { id } = await net.client('hotline.de').send(phishingNotice('isp.nl'));
    await ended(net, id, 'hotline.de');
    return id;
  };
  const hold = async (decision: 'release' | 'refuse') => {
    const { id, hash } = await sendHeld(net);
    await decide(net, 'court.nl', hash, decision);
    await ended(net, id);
    return id;
  };
  const [delivered, released, refused] = [await send(), await hold('release'), await hold('refuse')];
  // The log goes on under another pack: each entry is decided again by its own.
  await changePack(net.home, 'NL', edit);
  return { delivered, released, refused, ended: await send() };
}
