import { createServer } from 'node:net';

/** Below the ports that systems give to outgoing connections: one of those may be taken before a server comes to use it. */
const FIRST = 10_000;
const BLOCKS = 50;
const BLOCK_SIZE = 400;

let looked = 0;

/**
 * Ports of 127.0.0.1 that are free now, all different. Each process looks in a block of its own, so that two that start networks
 * at once do not choose the same; if a port is taken all the same before it is used, the start fails and says so.
 */
export async function freePorts(count: number): Promise<number[]> {
  const block = FIRST + (process.pid % BLOCKS) * BLOCK_SIZE;
  const ports: number[] = [];
  for (const end = looked + BLOCK_SIZE; ports.length < count; looked++) {
    if (looked === end) throw new Error(`there are no ${count} free ports from 127.0.0.1:${block} on`);
    const port = block + (looked % BLOCK_SIZE);
    if (await isFree(port)) ports.push(port);
  }
  return ports;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
