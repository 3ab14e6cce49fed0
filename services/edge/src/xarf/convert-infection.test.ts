import { describe, expect, it } from 'vitest';
import { convert, makeReport, refusalOf, TO_ACCESS } from './fixture/make-report.js';

describe('machines', () => {
  it('puts an infected line under people, as a customer, with port and time, and nowhere else', () => {
    const { content } = convert(
      makeReport('connection/infected_host', {
        source_port: 50_123,
        bot_type: 'malicious',
        last_seen: '2026-11-19T09:00:00Z',
      }),
      TO_ACCESS,
    );
    expect(content).toMatchObject({
      action: 'inform',
      purpose: 'network-security',
      legal_basis: ['gdpr-6-1-f'],
      retention_days: 14,
      details: { found: 'infected-host', compromised_host: true },
    });
    expect(content.items).toEqual([
      { id: 'i1', kind: 'host', customer: 'c1', seen_at: '2026-11-19T09:00:00Z' },
    ]);
    expect(content.people?.customers).toEqual([
      { id: 'c1', role: 'affected', ip: '192.0.2.17', port: 50_123, at: '2026-11-19T08:30:00Z' },
    ]);
  });

  it('keeps the host name of a line under its customer', () => {
    const { content } = convert(
      makeReport('infrastructure/botnet', { source_identifier: 'dsl-7.isp.example' }),
      TO_ACCESS,
    );
    expect(content.people?.customers?.[0]).toMatchObject({
      note: 'Host name of the line: dsl-7.isp.example',
    });
    expect(JSON.stringify(content.items)).not.toContain('dsl-7');
  });

  it('refuses a crawler that is reported as an infected machine', () => {
    const report = makeReport('connection/infected_host', { bot_type: 'ai_agent' });
    expect(refusalOf(() => convert(report, TO_ACCESS))).toMatchObject({ code: 'type-not-carried' });
  });

  it('knows a command server by its own address', () => {
    const { content } = convert(
      makeReport('infrastructure/botnet', { c2_server: '192.0.2.17:6667', c2_protocol: 'custom' }),
    );
    expect(content.details).toEqual({
      found: 'command-server',
      command_servers: [{ ip: '192.0.2.17', port: 6667, protocol: 'other' }],
    });
    expect(content.items[0]?.address).toEqual({ ip: '192.0.2.17' });
    expect(content.people).toBeUndefined();
  });

  it('reads command servers in every form they come in', () => {
    const { content } = convert(
      makeReport('content/malware', {
        c2_servers: [{ address: 'c2.example', port: 8080, protocol: 'https' }, { port: 1 }],
        c2_communications: ['[2001:db8::7]:53', 'http://c2.example/gate', 'not an address'],
      }),
    );
    expect(content.details).toMatchObject({
      found: 'distribution',
      command_servers: [
        { domain: 'c2.example', port: 8080, protocol: 'https' },
        { ip: '2001:db8::7', port: 53 },
        { url: 'http://c2.example/gate' },
      ],
    });
  });
});
