import { LIMITS, wire } from '@entente/contract';
import { readUnverifiedHeader } from '@entente/seal';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { acceptInspection } from './accept-inspection.js';
import { endRetention } from './end-retention.js';
import { logOf, type TestEdge, testEdge } from './fixture/test-edge.js';
import {
  askInspection,
  eraseReceived,
  erasingFirst,
  inspectedEdge,
  type Request,
} from './fixture/test-inspection.js';
import type { Edge } from './state.js';

let own: TestEdge;
let edge: Edge;
let request: Request;
beforeEach(async () => {
  own = await testEdge('isp.de');
  edge = await inspectedEdge(own);
  request = await askInspection(edge);
});
afterEach(() => own.close());

const erase = () => eraseReceived(edge);
const steps = () => logOf(edge).map(({ what, detail }) => [what, detail]);
const codeOf = (envelope: Uint8Array) => {
  const { statement } = readUnverifiedHeader(wire.envelope.decode(envelope).seal);
  return [statement?.inspection, statement?.about[0]?.code];
};
const answers = () => edge.statements.due(edge.now(), 10).map(({ envelope }) => codeOf(envelope));

// The moment at which the content is read and the answer not yet sealed.
const whileSealing = (): Edge => ({
  ...edge,
  signer: {
    ...edge.signer,
    signCompact: async (...what: Parameters<Edge['signer']['signCompact']>) => {
      edge.db.transaction(erase);
      return await edge.signer.signCompact(...what);
    },
  },
});

describe('an inspection', () => {
  test('opens what stands here, and says so in the log', async () => {
    await acceptInspection(edge, request.sealed, request.envelope);
    expect(steps()).toEqual([['inspect', 'opened']]);
    expect(answers()).toEqual([['opened', '']]);
  });

  test.each([
    ['while its answer is sealed', whileSealing],
    ['in the transaction of its answer, before it', () => ({ ...edge, commit: erasingFirst(edge, erase) })],
  ])('brings nothing back that is erased %s', async (_when, erasing) => {
    await acceptInspection(erasing(), request.sealed, request.envelope);
    expect(steps()).toEqual([
      ['erasure', 'time-over'],
      ['inspect', 'erased'],
    ]);
    expect(answers()).toEqual([['not-opened', 'erased']]);
    const kept = edge.inspections.answered(request.sealed.messageHash)?.answer;
    expect(codeOf(kept ?? new Uint8Array())).toEqual(['not-opened', 'erased']);
  });
});

describe('however often one message is asked for', () => {
  const accept = async ({ sealed, envelope }: typeof request) =>
    await acceptInspection(edge, sealed, envelope);
  const keptOf = ({ sealed }: typeof request) => edge.inspections.answered(sealed.messageHash)?.answer;

  test('one copy of it is kept, and each request answered and logged once', async () => {
    const requests = [request, await askInspection(edge), await askInspection(edge)];
    for (const one of requests) await accept(one);
    expect(requests.map((one) => keptOf(one) === null)).toEqual([true, true, false]);
    expect(answers()).toEqual([['opened', '']]);
    await accept(request);
    expect(codeOf(keptOf(request) ?? new Uint8Array())).toEqual(['opened', '']);
    expect(answers()).toEqual([['opened', '']]);
    expect(steps()).toEqual(requests.map(() => ['inspect', 'opened']));
  });

  test('brings nothing back that is erased while an earlier request is answered again', async () => {
    for (const one of [request, await askInspection(edge)]) await accept(one);
    await acceptInspection(whileSealing(), request.sealed, request.envelope);
    expect(answers()).toEqual([['not-opened', 'erased']]);
  });

  test('what was answered is forgotten when no request of then can come again', async () => {
    await accept(request);
    own.clock.ms += LIMITS.lifetimeMs + 2 * LIMITS.skewMs;
    await endRetention(edge);
    expect(edge.inspections.answered(request.sealed.messageHash)).toBeDefined();
    own.clock.ms += 1;
    await endRetention(edge);
    expect(edge.inspections.answered(request.sealed.messageHash)).toBeUndefined();
  });
});
