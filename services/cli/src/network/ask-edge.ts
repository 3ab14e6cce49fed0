import { askWithin } from '@entente/audit';

export interface AskedEdge {
  /** The member whose edge it is, or its address where nobody has named it. */
  readonly member: string;
  /** `https://…`, or `http://` on this machine: the token goes along. */
  readonly base: string;
  readonly token: string;
  readonly withinMs: number;
}

export interface EdgeQuestion {
  readonly method: string;
  readonly path: string;
  /** Sent as JSON, unless it is undefined. */
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

/** A case with all that was said in it, and with what proves it. */
const MOST_BYTES = 256 * 1024 * 1024;

/**
 * Asks an edge.
 * @returns what its JSON says; a file as a Buffer
 * @throws EdgeRefusal
 */
export async function askEdge<T>(
  { member, base, token, withinMs }: AskedEdge,
  { method, path, body, headers }: EdgeQuestion,
): Promise<T> {
  const question = {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
  const bounds = { withinMs, maxBytes: MOST_BYTES };
  const answer = await askWithin(`${base}${path}`, question, bounds).catch((cause: unknown) => {
    const words = `The edge of ${member} does not answer. Is the network up ("entente up")?`;
    throw new EdgeRefusal(0, 'unreachable', words, cause);
  });
  if (!answer.body)
    throw new EdgeRefusal(0, 'too-large', `The edge of ${member} says more than ${MOST_BYTES} bytes.`);
  if (answer.ok && answer.headers['content-type'] === 'application/octet-stream') return answer.body as T;
  const said = parseAnswer(answer.body, member);
  if (!answer.ok) {
    const { code = 'unknown', message = `HTTP ${answer.status}` } = said.error ?? {};
    throw new EdgeRefusal(answer.status, code, message);
  }
  return said as T;
}

function parseAnswer(body: Buffer, member: string): { error?: { code: string; message: string } } {
  try {
    return (JSON.parse(body.toString('utf8')) ?? {}) as ReturnType<typeof parseAnswer>;
  } catch (cause) {
    throw new EdgeRefusal(0, 'no-edge', `What answers for the edge of ${member} is no edge.`, cause);
  }
}

/** The edge answered with an error: its code and its words. Status 0 if it gave no answer that could be read. */
export class EdgeRefusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'EdgeRefusal';
    this.status = status;
    this.code = code;
  }
}
