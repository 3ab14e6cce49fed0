import { describe, expect, it } from 'vitest';
import { convert, makeReport } from './fixture/make-report.js';

describe('sites and servers that were broken into', () => {
  it('asks to tell the owner of a site that was broken into, and to remove what harms others there', () => {
    const kinds = {
      webshell: 'inform',
      defacement: 'inform',
      phishing_kit: 'remove',
      malware_host: 'remove',
      c2_server: 'remove',
    };
    for (const [kind, action] of Object.entries(kinds)) {
      const { content } = convert(makeReport('content/remote_compromise', { compromise_type: kind }));
      expect(content.action).toBe(action);
      expect(content.details).toMatchObject({ compromised_host: true });
    }
  });

  it('keeps how a server was broken into, in our words and in theirs', () => {
    const { content } = convert(
      makeReport('content/remote_compromise', {
        compromise_type: 'webshell',
        affected_cms: 'wordpress',
        vulnerability_exploited: {
          cve: 'CVE-2026-12345',
          component: 'gallery',
          description: 'Upload without a check.',
        },
        compromise_indicators: [{ type: 'file_path', value: '/tmp/.x', description: 'hidden' }],
        cleanup_status: 'reinfected',
      }),
    );
    expect(content.details).toMatchObject({
      found: 'compromised-server',
      malware_type: 'webshell',
      service: 'wordpress',
      entry: 'unpatched-software',
      entry_note: 'gallery\nUpload without a check.',
      cves: ['CVE-2026-12345'],
    });
    expect(content.items[0]?.note).toBe('file-path: /tmp/.x, hidden');
    expect(content.summary).toContain('Cleaning: reinfected');
  });
});
