// What a person at a desk asks an edge for, and what an answer costs it.
import { edgeClient } from '@entente/cli';
import { counted, round } from './load.mjs';
import { FROM, TO } from './measure-flow.mjs';

const TIMES = 20;

/** @returns processor time of an answer in milliseconds: the newest hundred of a list, one message or case of it */
export async function measureDesk(home) {
  const [sender, recipient] = [FROM, TO].map((id) => edgeClient(home, id));
  const [sent] = (await sender.messages(100)).messages;
  const [received] = (await recipient.inbox(100)).messages;
  return {
    'cpu list sent': await costOf(home, FROM, () => sender.messages(100)),
    'cpu list received': await costOf(home, TO, () => recipient.inbox(100)),
    'cpu one message': await costOf(home, FROM, () => sender.message(sent.id)),
    'cpu one case': await costOf(home, TO, () => recipient.openCase(received.case_id)),
  };
}

async function costOf(home, name, ask) {
  await ask();
  const before = await counted(home, name);
  for (let i = 0; i < TIMES; i++) await ask();
  const after = await counted(home, name);
  return round(((after.cpu - before.cpu) / TIMES) * 1000);
}
