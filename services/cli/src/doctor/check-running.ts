import { askWithin } from '@entente/audit';
import { reasonOf } from '../history/http-files.js';
import type { Report } from './finding.js';

const WITHIN_MS = 3000;
/** What a service says of itself is small, also with every nation as a counterpart. */
const MOST_BYTES = 1024 * 1024;
const SILENT_MS = 120_000;
const CLOCK_MS = 60_000;

interface Counterpart {
  readonly nation: string;
  readonly answeredAt: string | null;
  readonly roundTripMs: number | null;
  readonly clockAheadMs: number | null;
}

/** Whether the service runs and has what it needs; of a gate also whether each counterpart's gate answers its probes. */
export async function checkRunning(
  { OPERATION_PORT: port = '0', CROSS_NKEY_FILE: cross }: Readonly<Record<string, string>>,
  nowMs: number,
  report: Report,
): Promise<void> {
  if (port === '0') return report('health', 'warning', 'its operation port is 0: it cannot be asked');
  try {
    const { ok, needs } = (await ask(port, '/health/ready')) as {
      readonly ok: boolean;
      readonly needs: Readonly<Record<string, boolean>>;
    };
    if (needs.turn === false)
      return report(
        'health',
        'ok',
        'it waits: another process works on its folder, and it takes over when that ends',
      );
    const lacks = Object.entries(needs).flatMap(([name, has]) => (has ? [] : [name]));
    report('health', ok ? 'ok' : 'bad', ok ? '' : `it lacks: ${lacks.join(', ')}`);
    if (cross === undefined) return;
    const page = (await ask(port, '/counterparts')) as { readonly counterparts: readonly Counterpart[] };
    for (const one of page.counterparts) reportCounterpart(one, nowMs, report);
  } catch (error) {
    report('health', 'bad', `nothing answers on port ${port}: ${reasonOf(error)}`);
  }
}

async function ask(port: string, path: string): Promise<unknown> {
  const bounds = { withinMs: WITHIN_MS, maxBytes: MOST_BYTES };
  const { body } = await askWithin(`http://127.0.0.1:${port}${path}`, {}, bounds);
  if (!body) throw new Error(`what is there says more than ${MOST_BYTES} bytes`);
  return JSON.parse(body.toString('utf8'));
}

function reportCounterpart(
  { nation, answeredAt, roundTripMs, clockAheadMs }: Counterpart,
  nowMs: number,
  report: Report,
): void {
  const what = `way to ${nation}`;
  const silentMs = answeredAt === null ? null : nowMs - Date.parse(answeredAt);
  if (silentMs === null) report(what, 'bad', 'its gate has never answered since this one started');
  else if (silentMs > SILENT_MS) report(what, 'bad', `its gate last answered at ${answeredAt}`);
  else report(what, 'ok', `there and back in ${roundTripMs} ms`);
  if (Math.abs(clockAheadMs ?? 0) <= CLOCK_MS) return;
  report(
    `clock of ${nation}`,
    'warning',
    `it is ${clockAheadMs} ms ahead; beyond five minutes messages are refused`,
  );
}
