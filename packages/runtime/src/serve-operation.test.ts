import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createMetrics } from './metrics.js';
import { type OperationOptions, serveOperation } from './serve-operation.js';

let stop: (() => Promise<void>) | undefined;
let said: string[];
beforeEach(() => {
  said = [];
});
afterEach(async () => await stop?.());

const logger = {
  error: ({ err }: { readonly err: Error }) => said.push(err.message),
} as unknown as OperationOptions['logger'];

async function start(
  needs: () => Record<string, boolean> = () => ({ bus: true }),
  more: Pick<OperationOptions, 'pages' | 'actions'> = {},
) {
  const metrics = createMetrics();
  const served = await serveOperation({ port: 0, metrics, needs, logger, ...more });
  stop = served.stop;
  const get = async (path: string, method = 'GET', more: RequestInit = {}) => {
    const response = await fetch(`http://127.0.0.1:${served.port}${path}`, { method, ...more });
    return { status: response.status, text: await response.text() };
  };
  return { metrics, get };
}

describe('the port for operators', () => {
  test('says that the service runs, and whether it has what it needs', async () => {
    let connected = true;
    const { get } = await start(() => ({ bus: connected, pack: true }));
    expect(await get('/health/live')).toMatchObject({ status: 200 });
    expect(await get('/health/ready')).toMatchObject({ status: 200 });
    connected = false;
    const { status, text } = await get('/health/ready');
    expect(status).toBe(503);
    expect(JSON.parse(text)).toEqual({ ok: false, needs: { bus: false, pack: true } });
    expect(await get('/health/live')).toMatchObject({ status: 200 });
  });

  test('counts, measures and asks when it is looked at', async () => {
    const { metrics, get } = await start();
    const decided = metrics.counter('decisions_total', 'Decisions.', ['decision']);
    decided({ decision: 'permit' });
    decided({ decision: 'permit' }, 2);
    metrics.seconds('age_seconds', 'Age.', ['stage'])({ stage: 'leave' }, 30);
    let waiting = 4;
    metrics.gauge('waiting', 'Waiting.', ['state'], () => [{ labels: { state: 'sent' }, value: waiting }]);
    const first = (await get('/metrics')).text;
    expect(first).toContain('entente_decisions_total{decision="permit"} 3');
    expect(first).toContain('entente_age_seconds_bucket{le="0.05",stage="leave"} 1');
    expect(first).toContain('entente_waiting{state="sent"} 4');
    expect(first).toMatch(/^process_cpu_seconds_total /m);
    waiting = 5;
    expect((await get('/metrics')).text).toContain('entente_waiting{state="sent"} 5');
  });

  test('has nothing else, and takes nothing', async () => {
    const { get } = await start();
    expect(await get('/')).toMatchObject({ status: 404 });
    expect(await get('/metrics', 'POST')).toMatchObject({ status: 405 });
  });

  test('tells its log, and not who asks, why something fails', async () => {
    const fail = (why: string) => () => {
      throw new Error(why);
    };
    const { get } = await start(fail('no needs'), {
      pages: { '/page': fail('no page'), '/later': async () => fail('no page later')() },
      actions: { '/do': { run: fail('not done') } },
    });
    const headers = { 'content-type': 'application/json' };
    for (const answer of [
      await get('/health/ready'),
      await get('/page'),
      await get('/later'),
      await get('/do', 'POST', { headers, body: '{}' }),
    ])
      expect(answer).toEqual({ status: 500, text: 'not now\n' });
    expect(said).toEqual(['no needs', 'no page', 'no page later', 'not done']);
  });

  test('says so where something it reads fails, and lives on', async () => {
    const { metrics, get } = await start();
    metrics.gauge('broken', 'Broken.', [], () => {
      throw new Error('the store is closed');
    });
    expect(await get('/metrics')).toMatchObject({ status: 500 });
    expect(said).toEqual(['the store is closed']);
    expect(await get('/health/live')).toMatchObject({ status: 200 });
  });
});
