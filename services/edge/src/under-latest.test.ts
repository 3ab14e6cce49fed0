import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { newId, type Referral, type Submission, wire } from '@entente/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { dispatch } from './dispatch.js';
import { arrive, arrived } from './fixture/arrived.js';
import { testDirectory } from './fixture/test-directory.js';
import { type TestEdge, testEdge } from './fixture/test-edge.js';
import { createHttpServer } from './http/server.js';
import type { Edge } from './state.js';
import { keep, submit } from './submit.js';

// A real folder of a signed directory, which the edge does not read by itself here: what it reads, a message has made it read.

const EXAMPLE = new URL('../../../examples/02-csam-notice-to-the-host.json', import.meta.url);
const { submission } = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as { submission: Submission };
const REFERRAL = submission.content as Referral;
const KEY = { key: null };

let own: TestEdge;
let edge: Edge;
let directory: Awaited<ReturnType<typeof testDirectory>>;
let looks: number;
let sent: number;
beforeEach(async () => {
  own = await testEdge('hotline.fr');
  const dir = join(own.dir, 'directory');
  mkdirSync(dir);
  directory = await testDirectory(dir, own.clock.ms);
  const { follower } = directory;
  [looks, sent] = [0, 0];
  const verdict = { decision: 'permit', remedies: [], rules: [] };
  const request = async () =>
    wire.preflightReply.encode({ verdicts: [{ nation: 'FR', stage: 'inside', verdict }] } as never);
  edge = {
    ...own.edge,
    bus: { request } as never,
    send: async () => {
      sent += 1;
    },
    directory: follower.current,
    refreshDirectory: async () => {
      looks += 1;
      await follower.refresh();
    },
  };
});
afterEach(() => own.close());

const publish = async (...members: wire.MemberFrame[]) => await directory.publish(members);

describe('under a directory that lies there and was not read yet', () => {
  test('is taken what a member hands in for a new one', async () => {
    await publish(await directory.memberOf('isp.fr'));
    const { id } = await submit(edge, submission, KEY);
    expect(edge.outbox.find(id)?.to).toBe('isp.fr');
    expect(looks).toBe(1);
  });

  test('is sealed what waits for one that had no key: it is not refused for good', async () => {
    const member = await directory.memberOf('isp.fr', false);
    await publish(member);
    const { id } = await submit(edge, submission, KEY);
    looks = 0;
    await publish({ ...member, keys: (await directory.memberOf('isp.fr')).keys });
    await dispatch(edge);
    expect(edge.outbox.find(id)).toMatchObject({ state: 'sent', code: '' });
    expect([sent, looks]).toEqual([1, 1]);
  });

  test('goes on to a new one what was received', async () => {
    const [id, caseId] = [newId(), newId()];
    const header = { id, caseId, from: 'hotline.de', to: 'hotline.fr', toRole: 'hotline' };
    await arrive(edge, arrived(header, REFERRAL));
    await publish(await directory.memberOf('isp.fr'), await directory.memberOf('hotline.fr'));
    const app = await createHttpServer(edge, 'token', () => undefined);
    const answer = await app.inject({
      ...{ method: 'POST', url: `/v1/cases/${caseId}/forward` },
      headers: { authorization: 'Bearer token', 'entente-actor': 'anna' },
      payload: { to: 'isp.fr', to_role: 'hosting' },
    });
    await app.close();
    expect([answer.statusCode, looks]).toEqual([202, 1]);
    expect(
      edge.outbox
        .list(10)
        .map(({ to }) => to)
        .sort(),
    ).toEqual(['hotline.de', 'isp.fr']);
  });
});

describe('where there is no newer one', () => {
  test('a member that nobody names is refused after one look', async () => {
    await expect(submit(edge, submission, KEY)).rejects.toThrow('isp.fr');
    expect([looks, edge.outbox.list(10)]).toEqual([1, []]);
  });

  test('what is for one that has gone meanwhile ends, once', async () => {
    const content = { ...REFERRAL, retention_days: 90 };
    const { id } = keep(edge, { ...submission, content }, { ...KEY, createdMs: edge.now() });
    await dispatch(edge);
    await dispatch(edge);
    expect(edge.outbox.find(id)).toMatchObject({ state: 'ended', code: 'recipient-unknown' });
    expect([sent, looks]).toEqual([0, 1]);
  });

  test('nobody looks for what a directory cannot change', async () => {
    await expect(submit(edge, { ...submission, content: {} }, KEY)).rejects.toThrow();
    expect(looks).toBe(0);
  });
});

test('where nobody can look, nothing is refused: it is tried again', async () => {
  const blind = { ...edge, refreshDirectory: () => Promise.reject(new Error('the folder is gone')) };
  await expect(submit(blind, submission, KEY)).rejects.toThrow('the folder is gone');
  const { id } = keep(blind, { ...submission, content: REFERRAL }, { ...KEY, createdMs: edge.now() });
  await dispatch(blind);
  expect(edge.outbox.find(id)?.state).toBe('draft');
});
