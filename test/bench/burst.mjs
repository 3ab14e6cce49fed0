// A long list that is handed in at once, as fast as it is taken, until evidence of the last delivery is back.
import { readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { counted, round } from './load.mjs';
import { FROM, send, TO, whereTo } from './measure-flow.mjs';

export const AT_ONCE = 8000;
const CLIENTS = 128;

/** In a network that runs. */
export async function measureBurst(home) {
  const example = new URL('../../examples/02-csam-notice-to-the-host.json', import.meta.url);
  const body = JSON.stringify({ ...JSON.parse(readFileSync(example, 'utf8')).submission, to: TO });
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  const handIn = { ...whereTo(home), agent };
  const { delivered: before } = await counted(home, FROM);
  const startedMs = performance.now();
  const seconds = () => (performance.now() - startedMs) / 1000;
  let left = AT_ONCE;
  const client = async () => {
    while (left-- > 0) await send(handIn, body);
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  const taken = seconds();
  agent.destroy();
  while ((await counted(home, FROM)).delivered - before < AT_ONCE) await delay(100);
  return { perSecond: round(AT_ONCE / seconds()), 'taken after s': round(taken) };
}
