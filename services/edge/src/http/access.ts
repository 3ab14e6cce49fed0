import type { FastifyInstance } from 'fastify';
import { type Anchor, anchorAccess } from '../anchor-access.js';
import { logAccess } from '../log-access.js';
import { sendRequests } from '../send-requests.js';
import type { Edge } from '../state.js';
import { namedViewerOf, PERSON_HEADERS } from './person.js';

const PAGE = {
  type: 'object',
  additionalProperties: false,
  properties: {
    from: { type: 'integer', minimum: 0, maximum: 4294967295, default: 0 },
    limit: { type: 'integer', minimum: 1, maximum: 1000, default: 500 },
  },
} as const;

/** Who viewed, searched and exported what: for the member's data protection officer. Reading it is an access as well. */
export function routeAccess(app: FastifyInstance, edge: Edge): void {
  app.get<{ Querystring: { from: number; limit: number } }>(
    '/v1/access',
    {
      schema: {
        summary:
          'The log of accesses, oldest first, as it is proved: each entry with its salt (of one whose time is over its leaf), and the head',
        headers: PERSON_HEADERS,
        querystring: PAGE,
      },
    },
    async (request) => {
      await logAccess(edge, namedViewerOf(edge, request), 'review');
      const { size, root } = edge.access.head();
      const { from, limit } = request.query;
      const entries = edge.access.list(from, limit).map(({ index, entry, salt, leaf }) => ({
        ...{ index, entry },
        salt: Buffer.from(salt).toString('base64'),
        ...(leaf ? { leaf: Buffer.from(leaf).toString('base64') } : {}),
      }));
      return { size, root: hex(root), entries, anchors: edge.anchors.list(100).map(anchorJson) };
    },
  );

  app.post(
    '/v1/access/anchor',
    {
      schema: { summary: 'Have the log of accesses put on record now; each day it is by itself' },
    },
    async (_request, reply) => {
      const isNew = await anchorAccess(edge, true);
      await sendRequests(edge);
      const newest = edge.anchors.list(1)[0];
      return reply.code(202).send({ is_new: isNew, anchor: newest ? anchorJson(newest) : null });
    },
  );

  app.get<{ Params: { pseudonym: string } }>(
    '/v1/actors/:pseudonym',
    {
      schema: {
        summary: 'Whom a pseudonym of this member stands for; asking is logged',
        headers: PERSON_HEADERS,
        params: { type: 'object', properties: { pseudonym: { type: 'string', maxLength: 64 } } },
      },
    },
    async (request, reply) => {
      const { pseudonym } = request.params;
      const person = namedViewerOf(edge, request);
      const name = edge.actors.resolve(pseudonym);
      if (name === undefined) return reply.code(404).send(UNKNOWN_ACTOR);
      await logAccess(edge, person, 'resolve', { detail: pseudonym });
      return { pseudonym, name };
    },
  );
}

const UNKNOWN_ACTOR = {
  error: { code: 'not-found', message: 'This edge has not made this pseudonym: ask the member whose it is.' },
};

function anchorJson({ size, root, request }: Anchor) {
  const { id, state, code, createdMs } = request;
  return { id, size, root: hex(root), state, code, at: new Date(createdMs).toISOString() };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
