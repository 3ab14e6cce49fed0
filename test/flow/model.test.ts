import type { End } from '@entente/contract';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { arrived, notice } from '../kit/case-work.js';
import { type ServiceHere, startEdgeHere, startGateHere } from '../kit/here.js';
import { startTestNetwork, type TestNetwork } from '../kit/network.js';
import {
  isNotRetrieved,
  isWayUp,
  type Model,
  nextState,
  PARTS,
  type Part,
  STATES,
  settle,
} from '../kit/referral-model.js';
import { SAID, sayWord } from '../kit/said-words.js';
import { waitFor } from '../kit/wait.js';

// Sender, gates and receiver as they are, over real servers and ledgers; their clock is the test's. Whatever is done in whatever
// order, what both ends say is what the model says. RUNS and SEED choose more, and the same again.

const RUNS = Number(process.env.MODEL_RUNS ?? 3);
const SEED = process.env.MODEL_SEED === undefined ? 20_261_127 : Number(process.env.MODEL_SEED);
const HOUR_MS = 3_600_000;
const [HOTLINE, ISP] = ['hotline.de', 'isp.fr'];

let net: TestNetwork;
let aheadMs = 0;
const now = () => Date.now() + aheadMs;
/** What happened in all runs together: without it the test would say nothing. */
const happened = new Map<string, number>();
const count = (what: string) => happened.set(what, (happened.get(what) ?? 0) + 1);
const running = new Map<string, ServiceHere>();
const starts: Readonly<Record<Part, () => Promise<ServiceHere>>> = {
  'gate.de': () => startGateHere(net, 'DE', now),
  'gate.fr': () => startGateHere(net, 'FR', now),
  'isp.fr': () => startEdgeHere(net, ISP, now),
};

beforeAll(async () => {
  net = await startTestNetwork();
  for (const name of [...PARTS, HOTLINE]) await net.network.kill(name);
  for (const part of PARTS) running.set(part, await starts[part]());
  running.set(HOTLINE, await startEdgeHere(net, HOTLINE, now));
});
afterAll(async () => {
  for (const service of running.values()) await service.stop();
  await net?.stop();
});

/** What was really sent, in the order of the model's messages. */
interface Real {
  readonly sent: { readonly id: string; readonly caseId: string; readonly questions: string[] }[];
}
type Command = fc.AsyncCommand<Model, Real>;

const NEGATIVE = ['submission-rejected', 'relay-rejected', 'relay-failed', 'not-delivered'];

/** After each step both must agree, however long the network takes to come to rest. */
async function agree(model: Model, { sent }: Real): Promise<void> {
  model.nowMs = now();
  settle(model);
  const isUp = isWayUp(model);
  for (const message of model.messages) {
    const { index, fate, isOpened, isSealed } = message;
    const { id } = sent[index] as Real['sent'][number];
    // What has not crossed yet when its time is over is refused by the next gate, while others may still be on their way.
    const underWay = model.nowMs < message.expiresMs ? [''] : ['', 'refused'];
    const wanted = { 'under way': underWay, delivered: ['delivered'], expired: ['expired', 'refused'] }[fate];
    const found = await waitFor(
      `message ${index} to be ${fate}, and the evidence of it`,
      async () => {
        const told = await net.client(HOTLINE).message(id);
        const words = told.evidence.map(({ evidence }) => evidence);
        if (fate === 'expired' && isSealed && !words.some((word) => NEGATIVE.includes(word)))
          return undefined;
        if (fate === 'delivered' && isOpened && isUp && !words.includes('retrieved')) return undefined;
        if (!isOpened && isNotRetrieved(model, message) && !words.includes('not-retrieved')) return undefined;
        return wanted.includes(told.outcome) ? { told, words } : undefined;
      },
      120_000,
    );
    const { told, words } = found;
    // Who is refused because it came too late reads that, and nothing else.
    if (told.outcome === 'refused') expect(told.code).toBe('expired');
    if (!isOpened) expect(words).not.toContain('retrieved');
    if (isNotRetrieved(model, message) === false) expect(words).not.toContain('not-retrieved');
    for (const word of words) count(word);
  }
}

class Send implements Command {
  readonly #hours: number;
  constructor(hours: number) {
    this.#hours = hours;
  }
  check = ({ messages }: Model) => messages.length < 6;
  async run(model: Model, real: Real) {
    const expiresMs = now() + this.#hours * HOUR_MS;
    const { id, case_id: caseId } = await net
      .client(HOTLINE)
      .send({ ...notice(ISP), expires_in_hours: this.#hours });
    real.sent.push({ id, caseId, questions: [] });
    model.messages.push({
      ...{ index: model.messages.length, sentMs: now(), expiresMs, fate: 'under way', deliveredMs: 0 },
      ...{ isSealed: false, isOpened: false, state: 'open', questions: 0 },
    });
    await agree(model, real);
  }
  toString = () => `send for ${this.#hours} h`;
}

class Toggle implements Command {
  readonly #part: Part;
  constructor(part: Part) {
    this.#part = part;
  }
  check = () => true;
  async run(model: Model, real: Real) {
    if (model.up[this.#part]) {
      await running.get(this.#part)?.stop();
      running.delete(this.#part);
    } else running.set(this.#part, await starts[this.#part]());
    model.up[this.#part] = !model.up[this.#part];
    // What waits for its next try does not wait for it in real time.
    aheadMs += HOUR_MS / 6;
    await agree(model, real);
  }
  toString = () => `stop or start ${this.#part}`;
}

class Repair implements Command {
  check = (model: Readonly<Model>) => !isWayUp(model);
  async run(model: Model, real: Real) {
    await startAll(model);
    await agree(model, real);
  }
  toString = () => 'start all that is stopped';
}

async function startAll({ up }: Model): Promise<void> {
  for (const part of PARTS) {
    if (!running.has(part)) running.set(part, await starts[part]());
    up[part] = true;
  }
  aheadMs += HOUR_MS / 6;
}

class Pass implements Command {
  readonly #hours: number;
  constructor(hours: number) {
    this.#hours = hours;
  }
  check = () => true;
  async run(model: Model, real: Real) {
    aheadMs += this.#hours * HOUR_MS;
    await agree(model, real);
  }
  toString = () => `${this.#hours} h pass`;
}

/** What chance alone puts together too seldom: something is stopped, a message is sent, time passes. */
class Outage implements Command {
  readonly #steps: readonly Command[];
  constructor(part: Part, hours: number, passed: number) {
    this.#steps = [new Toggle(part), new Send(hours), new Pass(passed)];
  }
  check = (model: Readonly<Model>) => isWayUp(model) && model.messages.length < 6;
  async run(model: Model, real: Real) {
    for (const step of this.#steps) await step.run(model, real);
  }
  toString = () => this.#steps.join(', ');
}

/** What a crash or an upgrade of the sender's edge is: all that it knows is on its disk. */
class RestartSender implements Command {
  check = () => true;
  async run(model: Model, real: Real) {
    await running.get(HOTLINE)?.stop();
    running.set(HOTLINE, await startEdgeHere(net, HOTLINE, now));
    count('restarted');
    await agree(model, real);
  }
  toString = () => 'stop and start the sender';
}

class Open implements Command {
  readonly #which: number;
  constructor(which: number) {
    this.#which = which;
  }
  check = (model: Readonly<Model>) => isWayUp(model) && chosen(model, this.#which) !== undefined;
  async run(model: Model, real: Real) {
    const message = chosen(model, this.#which) as Model['messages'][number];
    await net.client(ISP).openCase(real.sent[message.index]?.caseId ?? '');
    message.isOpened = true;
    await agree(model, real);
  }
  toString = () => `the recipient opens ${this.#which}`;
}

class Say implements Command {
  readonly #which: number;
  readonly #end: End;
  readonly #word: string;
  constructor(which: number, end: End, word: string) {
    this.#which = which;
    this.#end = end;
    this.#word = word;
  }
  check = (model: Readonly<Model>) => isWayUp(model) && chosen(model, this.#which) !== undefined;
  async run(model: Model, real: Real) {
    const message = chosen(model, this.#which) as Model['messages'][number];
    const sent = real.sent[message.index] as Real['sent'][number];
    const { id, caseId } = sent;
    const member = this.#end === 'recipient' ? ISP : HOTLINE;
    const next = nextState(message, this.#end, this.#word);
    const answers = this.#word === 'answer' ? { answers: sent.questions[0] ?? id } : {};
    const content = { update: this.#word, ...sayWord(this.#word, now()), ...answers };
    const update = net.client(member).update(caseId, content);
    if (next === undefined) {
      await expect(update, `${this.#word} in ${message.state}`).rejects.toMatchObject({
        ...{ status: 409, code: 'not-possible' },
      });
      count('refused');
    } else {
      const said = await update;
      message.state = next;
      count(this.#word);
      await arrived(net, member, said.id);
      if (this.#word === 'ask') sent.questions.push(said.id);
      if (this.#word === 'answer') sent.questions.shift();
      message.questions = sent.questions.length;
    }
    for (const [one, end] of [
      [HOTLINE, 'originator'],
      [ISP, 'recipient'],
    ] as const) {
      const view = (await net.client(one).case(caseId)).referrals.find((referral) => referral.message === id);
      expect(view?.state).toBe(message.state);
      expect(view?.possible.toSorted()).toEqual(Object.keys(STATES[message.state][end]).sort());
    }
  }
  toString = () => `${this.#end} says ${this.#word} of ${this.#which}`;
}

function chosen({ messages }: Readonly<Model>, which: number): Model['messages'][number] | undefined {
  const delivered = messages.filter(({ fate }) => fate === 'delivered');
  return delivered[which % Math.max(1, delivered.length)];
}

const saying = (['recipient', 'originator'] as const).map((end) =>
  fc.tuple(fc.nat(5), fc.constantFrom(...SAID[end])).map(([which, word]) => new Say(which, end, word)),
);
const sending = fc.constantFrom(1, 4, 48).map((hours) => new Send(hours));
const outages = fc
  .tuple(fc.constantFrom(...PARTS), fc.constantFrom(1, 4, 48), fc.constantFrom(1, 3, 50))
  .map(([part, hours, passed]) => new Outage(part, hours, passed));
const commands = fc.commands(
  [
    outages,
    ...[sending, sending, fc.constantFrom(...PARTS).map((part) => new Toggle(part))],
    ...[fc.constantFrom(1, 3, 50).map((hours) => new Pass(hours)), fc.constant(new Repair())],
    ...[fc.nat(5).map((which) => new Open(which)), fc.constant(new RestartSender())],
    ...[...saying, ...saying, ...saying],
  ],
  { maxCommands: 40, size: 'max' },
);

it('comes to what the model says, whatever is done in whatever order', async () => {
  const property = fc.asyncProperty(commands, async (sequence) => {
    const model: Model = {
      nowMs: now(),
      up: { 'gate.de': true, 'gate.fr': true, 'isp.fr': true },
      messages: [],
    };
    await startAll(model);
    const real: Real = { sent: [] };
    await fc.asyncModelRun(() => ({ model, real }), sequence);
    await startAll(model);
    await agree(model, real);
    if (chosen(model, 0)) await new Open(0).run(model, real);
    const here = (await net.client(ISP).inbox()).messages.map(({ id }) => id);
    for (const { index, fate } of model.messages) {
      const times = here.filter((id) => id === real.sent[index]?.id).length;
      count(fate);
      expect(times, `message ${index} is ${fate}`).toBe(fate === 'delivered' ? 1 : 0);
    }
  });
  await fc.assert(property, { numRuns: RUNS, seed: SEED, endOnFailure: true, verbose: 1 });
  for (const what of ['delivered', 'expired', 'refused', 'retrieved', 'not-retrieved', 'restarted'])
    expect(happened.get(what) ?? 0, what).toBeGreaterThan(0);
}, 1_800_000);
