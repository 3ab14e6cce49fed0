import { LIMITS } from '@entente/contract';
import type { Findings } from './collect-findings.js';

interface Evidence {
  readonly payload_base64?: string;
}

/** Leaves the largest payloads behind until the whole is small enough to travel; their hashes stay. */
export function fitContent<T extends { readonly evidence?: unknown }>(content: T, findings: Findings): T {
  const evidence = [...((content.evidence ?? []) as Evidence[])];
  let bytes = Buffer.byteLength(JSON.stringify(content));
  while (bytes > LIMITS.content) {
    const sizes = evidence.map(({ payload_base64: payload = '' }) => payload.length);
    const index = sizes.indexOf(Math.max(...sizes));
    const { payload_base64: payload, ...rest } = evidence[index] ?? {};
    if (payload === undefined) break;
    evidence[index] = rest;
    bytes -= payload.length;
    findings.say(
      `evidence ${index + 1}: all payloads together are too large for one message; this one stays with you, its hash goes`,
    );
  }
  return content.evidence === undefined ? content : { ...content, evidence };
}
