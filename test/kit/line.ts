import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { pipeline } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

/** A way of TCP between two processes that a test can make slow, or interrupt without either of them being told. */
export interface Line {
  readonly port: number;
  readonly set: (state: 'whole' | 'cut' | { readonly bytesPerSecond: number }) => void;
  readonly close: () => void;
}

const PIECE_BYTES = 1024;
const LOOK_EVERY_MS = 20;

/** @param listenOn 0: any free port */
export async function openLine(target: number, listenOn = 0): Promise<Line> {
  let state: Parameters<Line['set']>[0] = 'whole';
  const sockets = new Set<Socket>();
  const pass = async (bytes: number, isOpen: () => boolean) => {
    const startedMs = performance.now();
    const waits = () =>
      state !== 'whole' &&
      (state === 'cut' || performance.now() - startedMs < (1000 * bytes) / state.bytesPerSecond);
    while (isOpen() && waits()) await delay(LOOK_EVERY_MS);
  };
  const carry = (from: Socket, to: Socket) => {
    const isOpen = () => !from.destroyed && to.writable;
    const inPieces = async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        const piece = state === 'whole' ? chunk.length : PIECE_BYTES;
        for (let at = 0; at < chunk.length && isOpen(); at += piece) {
          const bytes = chunk.subarray(at, at + piece);
          await pass(bytes.length, isOpen);
          yield bytes;
        }
      }
    };
    pipeline(from, inPieces, to, () => {
      from.destroy();
      to.destroy();
    });
  };
  const server = createServer((near) => {
    const far = connect({ host: '127.0.0.1', port: target });
    for (const socket of [near, far]) {
      sockets.add(socket.setNoDelay(true));
      socket.once('close', () => sockets.delete(socket));
    }
    carry(near, far);
    carry(far, near);
  });
  server.listen(listenOn, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as { readonly port: number }).port,
    set: (next) => {
      state = next;
    },
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
