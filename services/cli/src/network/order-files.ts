import { existsSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { writeWhole } from '@entente/runtime';

/** A service keeps each order under a name that says what became of it. */
const ANSWERS = ['done', 'refused'] as const;
export type OrderAnswer = (typeof ANSWERS)[number] | 'waiting';

/** @param file in the folder in which the service looks for orders, which is made if there is none */
export function layOrder(file: string, order: object): void {
  // What an earlier order of this name has left would be taken for the answer to this one.
  for (const answer of ANSWERS) rmSync(`${file}.${answer}`, { force: true });
  // Under its name only once it is whole: the service may be looking.
  writeWhole(file, JSON.stringify(order), { mode: 0o644, folderMode: 0o755 });
}

/** What became of each order, once there is an answer to all of them, or that time is over. */
export async function answersTo(files: readonly string[], withinMs: number): Promise<OrderAnswer[]> {
  const untilMs = Date.now() + withinMs;
  for (;;) {
    const answers = files.map(answerTo);
    if (!answers.includes('waiting') || Date.now() >= untilMs) return answers;
    await delay(100);
  }
}

function answerTo(file: string): OrderAnswer {
  return ANSWERS.find((word) => existsSync(`${file}.${word}`)) ?? 'waiting';
}

/** @param service as the sentence has it: `ledger`, `gate` */
export function answerWords(answer: OrderAnswer | undefined, file: string, service: string): string {
  if (answer === 'done') return `done: ${file}.done`;
  if (answer === 'refused') return `REFUSED, and the log of the ${service} says why: ${file}.refused`;
  return `no answer yet; it is done when the ${service} runs, and the file then ends in ".done" or ".refused": ${file}`;
}
