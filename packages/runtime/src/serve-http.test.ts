import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { createMetrics } from './metrics.js';
import { readBody, serveHttp } from './serve-http.js';
import { ActionRefused, serveOperation } from './serve-operation.js';

let stop: (() => Promise<void>) | undefined;
afterEach(async () => await stop?.());

async function start(answer: Parameters<typeof serveHttp>[0]['answer']) {
  const faults: unknown[] = [];
  const server = serveHttp({ port: 0, answer, onFault: (fault) => void faults.push(fault) });
  stop = server.stop;
  return { port: await server.start(), faults };
}

/** A client without manners: sends what it is given, and tells what came until the server has closed. */
function open(port: number, text: string) {
  const socket = connect(port, '127.0.0.1');
  const startedMs = performance.now();
  let came = '';
  socket.on('data', (part) => {
    came += part.toString('latin1');
  });
  socket.on('error', () => undefined);
  socket.write(text);
  const closed = new Promise<{ readonly came: string; readonly tookMs: number }>((resolve) =>
    socket.on('close', () => resolve({ came, tookMs: performance.now() - startedMs })),
  );
  return { socket, closed };
}

describe('an HTTP server of ours', () => {
  test('cuts off headers that do not end, and a body that does not', async () => {
    const { port } = await start(async (request, response) => {
      await readBody(request, 1000);
      response.end('all');
    });
    const headers = open(port, 'GET / HTTP/1.1\r\nhost: a\r\n');
    const body = open(port, 'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\na');
    const order: string[] = [];
    void headers.closed.then(() => order.push('headers'));
    void body.closed.then(() => order.push('body'));
    for (const { came, tookMs } of await Promise.all([headers.closed, body.closed])) {
      expect(came).toMatch(/^HTTP\/1.1 408|^$/);
      // Later, a connection is cut off because it is silent.
      expect(tookMs).toBeLessThan(30_000);
    }
    expect(order).toEqual(['headers', 'body']);
  });

  test('refuses headers that are too large, and more connections than it has', async () => {
    const { port } = await start(async (_, response) => void response.end('all'));
    const large = open(port, `GET / HTTP/1.1\r\nhost: a\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`);
    expect((await large.closed).came).toMatch(/^HTTP\/1.1 431/);
    const many = Array.from({ length: 266 }, () => open(port, 'GET / HTTP/1.1\r\nhost: a\r\n'));
    await Promise.any(many.map(({ closed }) => closed));
    for (const { socket } of many) socket.destroy();
    await Promise.all(many.map(({ closed }) => closed));
    // It may not have counted yet that those are gone.
    const ask = async () => await (await fetch(`http://127.0.0.1:${port}`)).text();
    await expect.poll(async () => await ask().catch(() => 'refused')).toBe('all');
  });

  test('reads a body up to its limit and no further', async () => {
    const { port } = await start(async (request, response) => {
      const body = await readBody(request, 5);
      response.end(body ? body.toString() : 'too long');
    });
    const post = async (body: string) =>
      await (await fetch(`http://127.0.0.1:${port}`, { method: 'POST', body })).text();
    expect(await post('12345')).toBe('12345');
    expect(await post('123456')).toBe('too long');
  });

  test('says nothing of what failed, and lives on', async () => {
    const { port, faults } = await start(async () => {
      throw new Error('secret of the store');
    });
    for (let times = 0; times < 2; times++) {
      const response = await fetch(`http://127.0.0.1:${port}`);
      expect([response.status, await response.text()]).toEqual([500, 'not now\n']);
    }
    expect(faults).toHaveLength(2);
  });
});

describe('what an operator does', () => {
  test('is taken as JSON on this machine, and refused with the reason', async () => {
    const asked: unknown[] = [];
    const run = (value: unknown) => {
      if (value === null) throw new ActionRefused('there is nothing');
      asked.push(value);
      return { done: true };
    };
    const served = await serveOperation({
      ...{ port: 0, metrics: createMetrics(), needs: () => ({}), actions: { '/do': { run } } },
      logger: { error: () => undefined },
    });
    stop = served.stop;
    const post = async (path: string, body: string, type = 'application/json') => {
      const init = { method: 'POST', body, headers: { 'content-type': type } };
      const response = await fetch(`http://127.0.0.1:${served.port}${path}`, init);
      return [response.status, await response.text()];
    };
    expect(await post('/do', '{"a":1}')).toEqual([200, '{"done":true}\n']);
    expect(await post('/do', 'null')).toEqual([422, '{"error":"there is nothing"}\n']);
    expect((await post('/do', '{', 'application/json'))[0]).toBe(400);
    expect((await post('/do', '{"a":1}', 'text/plain'))[0]).toBe(415);
    expect((await post('/metrics', '{"a":1}'))[0]).toBe(405);
    const rebound = open(
      served.port,
      'POST /do HTTP/1.1\r\nhost: evil.example\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}',
    );
    expect((await rebound.closed).came).toMatch(/^HTTP\/1.1 403/);
    expect(asked).toEqual([{ a: 1 }]);
  });
});
