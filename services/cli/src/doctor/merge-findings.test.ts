import { expect, it } from 'vitest';
import type { Finding } from './finding.js';
import { mergeFindings } from './merge-findings.js';

const finding = (service: string, detail: string, server?: string): Finding => ({
  ...{ service, what: 'NATS version', state: 'warning', detail },
  ...(server === undefined ? {} : { server }),
});

it('says once what is alike of several servers, and names each of them once', () => {
  const [a, b] = ['nats://127.0.0.1:4222', 'nats://127.0.0.1:4223'];
  const found = [finding('gate.de', 'old', a), finding('hotline.de', 'old', a), finding('gate.fr', 'old', b)];
  expect(mergeFindings(found)).toMatchObject([{ service: 'NATS', detail: `old (${a}, ${b})` }]);
});

it('keeps apart what is not alike, and what is of services', () => {
  const found = [
    finding('gate.de', 'old', 'nats://a:1'),
    finding('gate.fr', 'older', 'nats://b:1'),
    finding('gate.de', 'no key'),
    finding('gate.fr', 'no key'),
  ];
  expect(mergeFindings(found).map(({ detail }) => detail)).toEqual([
    'old (nats://a:1)',
    'older (nats://b:1)',
    'no key',
    'no key',
  ]);
});
