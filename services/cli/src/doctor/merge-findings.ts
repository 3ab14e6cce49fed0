import type { Finding } from './finding.js';

/** What is said alike of servers is said once, with all of them: each service that has a server looked at it. */
export function mergeFindings(findings: readonly Finding[]): Finding[] {
  const merged = new Map<Finding | string, readonly Finding[]>();
  for (const finding of findings) {
    const { server, state, what, detail } = finding;
    const key = server === undefined ? finding : JSON.stringify([state, what, detail]);
    merged.set(key, [...(merged.get(key) ?? []), finding]);
  }
  return [...merged.values()].flatMap(([first, ...more]) => {
    if (!first || first.server === undefined) return first ?? [];
    const servers = new Set([first, ...more].map(({ server = '' }) => server));
    return { ...first, service: 'NATS', detail: `${first.detail} (${[...servers].join(', ')})` };
  });
}
