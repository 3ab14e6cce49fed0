import {
  AuditError,
  decodeRecordPage,
  MAX_RECORD_PAGE_BYTES,
  type PagedEntry,
  RECORD_PAGE,
  readUpTo,
  recordPagePath,
} from '@entente/audit';

const TIMEOUT_MS = 15_000;

/**
 * Reads the entries of a log from an index on, with their records, as its ledger shows them to auditors.
 * @param url of the log
 * @returns those up to the end of the page; none where the log has none
 * @throws AuditError `unreachable`, `bundle-malformed`; Rejection `frame-malformed`
 */
export async function readRecords(url: string, token: string, from: number): Promise<PagedEntry[]> {
  const page = Math.floor(from / RECORD_PAGE);
  const response = await fetch(`${url.replace(/\/$/, '')}/${recordPagePath(page)}`, {
    headers: { authorization: `Bearer ${token}` },
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((cause: unknown) => {
    throw new AuditError('unreachable', `${url} does not answer.`, cause);
  });
  const bytes = await readUpTo(response, MAX_RECORD_PAGE_BYTES, url);
  if (response.status === 404) return [];
  if (!response.ok || !bytes) throw new AuditError('unreachable', `${url} answers ${response.status}.`);
  return decodeRecordPage(bytes).slice(from % RECORD_PAGE);
}
