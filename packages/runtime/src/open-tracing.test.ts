import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createMetrics } from './metrics.js';
import { openTracing } from './open-tracing.js';
import { NO_TRACING, type Tracing } from './tracing.js';

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => void (await Promise.all(stops.splice(0).map((stop) => stop()))));

/** A collector, or somebody who answers with another status, or nothing at all. */
async function collector(answer: number | 'nothing' = 200) {
  const texts: string[] = [];
  const server: Server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    texts.push(Buffer.concat(parts).toString('utf8'));
    if (answer !== 'nothing') response.writeHead(answer).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  stops.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, text: () => texts.join() };
}

async function open(endpoint: string, ratio = 1) {
  const lines: string[] = [];
  const say = (_: unknown, line: string) => void lines.push(line);
  const metrics = createMetrics();
  const logger = { info: say, warn: say } as never;
  const tracing = await openTracing({ endpoint, ratio }, { service: 'gate', owner: 'DE', logger, metrics });
  return { tracing, lines, metrics };
}

const message = (i: number) => createHash('sha256').update(String(i)).digest();
const send = async ({ span, current }: Tracing, i: number) =>
  await span(
    'edge.send',
    () => ({ message: message(i), isFirst: true }),
    async () => current(),
  );

describe('spans', () => {
  it('are none, and nothing is loaded or asked for, where no collector is named', async () => {
    const metrics = createMetrics();
    const about = { service: 'gate', owner: 'DE', logger: console as never, metrics };
    const tracing = await openTracing(undefined, about);
    expect(tracing).toBe(NO_TRACING);
    const about2 = () => expect.unreachable();
    expect(await tracing.span('gate.pass', about2, async () => tracing.current())).toBeUndefined();
    expect(await metrics.text()).not.toContain('spans');
  });

  it('follow one another in what is under way, also where several things are', async () => {
    const { endpoint, text } = await collector();
    const { tracing } = await open(endpoint);
    const [first, second] = await Promise.all(
      [1, 2].map((i) =>
        tracing.span(
          'gate.pass',
          () => ({ message: message(i) }),
          async () => {
            await new Promise((resolve) => setTimeout(resolve, 5));
            return await tracing.part('gate.record', async () => tracing.current());
          },
        ),
      ),
    );
    expect(first?.slice(3, 35)).toBe(message(1).toString('hex').slice(0, 32));
    expect(second?.slice(3, 35)).toBe(message(2).toString('hex').slice(0, 32));
    await tracing.stop();
    const spanOf = (traceparent = '') => traceparent.slice(36, 52);
    expect(text()).toContain(`"spanId":"${spanOf(first)}"`);
  });

  it('are of the same messages in every process with the same ratio', async () => {
    const { endpoint } = await collector();
    const [one, other] = [await open(endpoint, 0.25), await open(endpoint, 0.25)];
    const traced = async ({ tracing }: { tracing: Tracing }) =>
      await Promise.all(Array.from({ length: 400 }, async (_, i) => (await send(tracing, i)) !== undefined));
    const [here, there] = [await traced(one), await traced(other)];
    expect(here).toEqual(there);
    const share = here.filter(Boolean).length;
    expect(share).toBeGreaterThan(60);
    expect(share).toBeLessThan(140);
    await Promise.all([one, other].map(({ tracing }) => tracing.stop()));
  });

  it('are none with a ratio of 0, whatever was carried', async () => {
    const { endpoint, text } = await collector();
    const { tracing } = await open(endpoint, 0);
    const hex = message(1).toString('hex');
    const carried = [`00-${hex.slice(0, 32)}-${'b'.repeat(16)}-01`];
    const current = await tracing.span(
      'gate.pass',
      () => ({ message: message(1), carried }),
      async () => tracing.current(),
    );
    expect(current).toBeUndefined();
    await tracing.stop();
    expect(text()).toBe('');
  });

  it('of work that fails name the code of the error and nothing of what it says', async () => {
    const { endpoint, text } = await collector();
    const { tracing } = await open(endpoint);
    const failure = Object.assign(new Error('secret of a person'), { code: 'body-mismatch' });
    const work = tracing.span(
      'edge.receive',
      () => ({ message: message(1) }),
      async () => {
        throw failure;
      },
    );
    await expect(work).rejects.toBe(failure);
    await tracing.stop();
    expect(text()).toContain('body-mismatch');
    expect(text()).not.toContain('secret');
  });

  it.each([
    ['that refuses them', 400 as const],
    ['that does not answer', 'nothing' as const],
  ])(
    'are lost with a collector %s, which is counted and said, and keep nobody waiting',
    async (_, answer) => {
      const { endpoint } = await collector(answer);
      const { tracing, lines, metrics } = await open(endpoint);
      for (let i = 0; i < 3000; i++) await send(tracing, i);
      await tracing.stop();
      expect(lines).toEqual(['the collector takes no spans: they are lost']);
      expect(await metrics.text()).toMatch(/entente_spans_total\{result="lost"\} [1-9]/);
    },
  );
});
