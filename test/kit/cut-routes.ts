import { readFileSync, writeFileSync } from 'node:fs';
import { type NetworkHome, paths } from '@entente/cli';
import { type Line, openLine } from './line.js';

/** The ways between the servers of one nation's cluster, each of which can be cut off from the others, and nobody is told. */
export interface Routes {
  readonly set: (server: number, state: 'cut' | 'whole') => void;
  readonly close: () => void;
}

const ROUTE = /(nats-route:\/\/[^@"']+@127\.0\.0\.1:)(\d+)/g;

/** Lays lines between the servers, in their configurations: before they are started. */
export async function cutRoutes({ dir, nations }: NetworkHome, nation: string): Promise<Routes> {
  const count = nations.find(({ code }) => code === nation)?.cluster?.servers.length ?? 0;
  const files = Array.from({ length: count }, (_, i) => paths.natsConfig(dir, nation, i));
  const listening = files.map((file) =>
    [...readFileSync(file, 'utf8').matchAll(ROUTE)].map(([, , port]) => port),
  );
  const all = new Set(listening.flat());
  // Each server names all but itself.
  const own = listening.map((others) => [...all].find((port) => !others.includes(port)));
  const lines: { readonly ends: readonly number[]; readonly line: Line }[] = [];
  for (const [from, file] of files.entries()) {
    let text = readFileSync(file, 'utf8');
    for (const [to, port] of own.entries()) {
      if (to === from) continue;
      const line = await openLine(Number(port));
      lines.push({ ends: [from, to], line });
      text = text.replace(new RegExp(`(nats-route://[^@"']+@127\\.0\\.0\\.1:)${port}\\b`), `$1${line.port}`);
    }
    writeFileSync(file, text);
  }
  if (lines.length !== count * (count - 1) || count === 0) throw new Error(`${nation} is on no cluster`);
  return {
    set: (server, state) => {
      for (const { ends, line } of lines) if (ends.includes(server)) line.set(state);
    },
    close: () => {
      for (const { line } of lines) line.close();
    },
  };
}
