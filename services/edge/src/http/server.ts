import { hash, timingSafeEqual } from 'node:crypto';
import { BusError } from '@entente/bus';
import { LIMITS, nationOf, Rejection, rejectionWords } from '@entente/contract';
import { ClockDiffers, HTTP_LIMITS, isDiskFull } from '@entente/runtime';
import swagger from '@fastify/swagger';
import fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import type { Edge } from '../state.js';
import { IdempotencyConflict, TooBusy, TooFast } from '../submit.js';
import { NotPossible } from '../submit-update.js';
import { routeAccess } from './access.js';
import { routeCases } from './cases.js';
import { describeBody } from './described-body.js';
import { routeErasures } from './erasures.js';
import { routeHolds } from './holds.js';
import { routeInspections } from './inspections.js';
import { routeLegalHolds } from './legal-holds.js';
import { routeMessages } from './messages.js';
import { BadPerson } from './person.js';
import { routePreview } from './preview.js';
import { routeRetention } from './retention.js';
import { SEND_JSON, sayInvalid } from './say-invalid.js';
import { routeSubmissions } from './submissions.js';
import { routeUpdates, UPDATES_ROUTE } from './updates.js';

/** What is beyond is cut off without a word. A member's systems may keep one for each report that they hand in at the same time. */
const MOST_CONNECTIONS = 4096;

/**
 * The API for the member's own systems, on 127.0.0.1. Whoever has the token acts for the member; without it there is
 * nothing to see but the health and the API's description.
 */
export async function createHttpServer(
  edge: Edge,
  token: string,
  wake: () => void,
): Promise<FastifyInstance> {
  const { requestTimeout, keepAliveTimeout } = HTTP_LIMITS;
  const app = fastify({
    ...{ bodyLimit: LIMITS.submission, logger: false, requestTimeout, keepAliveTimeout },
    http: HTTP_LIMITS,
  });
  app.server.maxConnections = MOST_CONNECTIONS;
  await app.register(swagger, {
    openapi: {
      info: {
        title: `Entente edge of ${edge.member}`,
        version: '1',
        description: 'Send reports, follow them, read cases.',
      },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }],
    },
    transform: ({ schema, url }) => ({ schema: describeBody(schema, url), url }),
  });
  const expected = digestOf(`Bearer ${token}`);
  app.addHook('onRequest', async (request, reply) => {
    if (request.url === '/health' || request.url === '/openapi.json') return;
    if (!timingSafeEqual(digestOf(request.headers.authorization ?? ''), expected)) {
      await reply.code(401).send({
        error: {
          code: 'unauthorized',
          message:
            'Send the header "Authorization: Bearer <token>"; the token is in the file that this edge was started with.',
        },
      });
    }
  });
  app.setSchemaErrorFormatter(sayInvalid);
  app.setErrorHandler((error: FastifyError | Error, request, reply) => {
    const { status, code, message } = describe(error, edge, request.routeOptions.url);
    // That a clock differs or a disk is full is told once, and not with each request.
    if (status === 500) edge.logger.error({ err: error }, 'a request failed');
    if ([429, 503, 507].includes(status))
      void reply.header('retry-after', error instanceof TooFast ? '1' : '5');
    void reply.code(status).send({ error: { code, message } });
  });
  app.setNotFoundHandler((_request, reply) => {
    void reply.code(404).send({
      error: { code: 'not-found', message: 'There is nothing here; /openapi.json lists what there is.' },
    });
  });
  app.get('/health', { schema: { security: [] } }, async () => ({
    ok: edge.bus.connected,
    member: edge.member,
  }));
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
  routeSubmissions(app, edge, wake);
  routePreview(app, edge);
  routeMessages(app, edge);
  routeCases(app, edge);
  routeUpdates(app, edge, wake);
  routeLegalHolds(app, edge);
  routeErasures(app, edge);
  routeRetention(app, edge);
  routeHolds(app, edge, wake);
  routeAccess(app, edge);
  routeInspections(app, edge);
  return app;
}

/** Digests are compared, so that neither length nor content shows in the time. */
function digestOf(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}

/** What outsiders read carries no internal detail. */
function describe(
  error: FastifyError | Error,
  { member }: Edge,
  route: string | undefined,
): { status: number; code: string; message: string } {
  if (error instanceof Rejection) {
    const status = error.code === 'too-large' ? 413 : 422;
    const isOfUpdate = error.code === 'content-invalid' && route === UPDATES_ROUTE;
    const words = isOfUpdate ? INVALID_UPDATE : rejectionWords(error.code);
    return {
      status,
      code: error.code,
      message: error.message === words ? words : `${words} ${error.toAuthor()}`,
    };
  }
  if (error instanceof IdempotencyConflict) {
    return {
      status: 409,
      code: 'idempotency-conflict',
      message: `This Idempotency-Key was used for something else, by somebody else, or for another reason: for message ${error.id}. Use a new one.`,
    };
  }
  if (error instanceof BadPerson) return { status: 400, code: error.code, message: error.message };
  if (error instanceof TooBusy) return { status: 429, code: 'too-busy', message: BUSY };
  if (error instanceof ClockDiffers) return { status: 503, code: 'clock-differs', message: WRONG_TIME };
  if (isDiskFull(error)) return { status: 507, code: 'disk-full', message: FULL };
  if (error instanceof TooFast) return { status: 429, code: 'too-fast', message: FAST };
  if (error instanceof NotPossible) return { status: 409, code: 'not-possible', message: error.message };
  if (error instanceof BusError && NO_ANSWER.has(error.code))
    return { status: 503, code: 'gate-silent', message: silent(nationOf(member)) };
  if ('code' in error && error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    return { status: 415, code: 'bad-request', message: SEND_JSON };
  const status = 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500;
  if (status < 500) return { status, code: 'bad-request', message: error.message };
  return {
    status: 500,
    code: 'internal',
    message: 'The edge failed on this request. Nothing was lost; try again.',
  };
}

/** What passes by itself, or when somebody starts what is down. */
const NO_ANSWER = new Set([
  ...['timeout', 'no-responder', 'no-stream', 'disconnected', 'closed', 'busy', 'handler-failed'],
]);

function silent(nation: string): string {
  return `The gate of ${nation}, or the server between it and this edge, does not answer. Nothing was lost. Try again in a few seconds, and tell your national agency if it lasts.`;
}

const INVALID_UPDATE = 'What you say about this referral does not follow the schema of updates:';

const WRONG_TIME =
  'The clocks of this edge and of its national gate differ by more than five minutes. Nothing is taken until they agree; nothing was lost. Try again in a few seconds, and tell who runs this edge.';

const FULL =
  'There is no room on the disk of this edge, and this was not taken. Nothing that was taken before is lost. Try again in a few seconds, and tell who runs this edge.';

const FAST =
  'More reports in one second than this edge takes on, emergencies not counted. Send it again after a second, with the same Idempotency-Key.';
const BUSY =
  'So much waits for an outcome that this edge takes nothing more for now, but for emergencies. Try again in a few seconds; /health says whether the network can be reached.';
