import { describe, expect, it } from 'vitest';
import { CARRIED_TYPES } from './carry-type.js';
import { convert, makeEvidence, makeReport, refusalOf, TO_ACCESS, textsOf } from './fixture/make-report.js';

const SECRET = 'Jane-Doe-s-secret';

function refuse(type: string, more: Record<string, unknown> = {}) {
  return refusalOf(() => convert(makeReport(type, more)));
}

describe('addresses', () => {
  it('refuses an address that is none, and does not repeat it', () => {
    const wrong = [
      `javascript:alert('${SECRET}')`,
      'JavaScript:alert(1)',
      'data:text/html,x',
      'file:///etc/passwd',
      'vbscript:x',
      'blob:https://a.example/x',
      'mailto:a@b.example',
      '//bad.example/x',
      'bad.example/x',
      'https://',
      'https://bad.example/'.padEnd(2049, 'a/'),
      `https://bad.example/${'a'.repeat(500)}`,
      'https://bad.example/'.padEnd(2_000_000, 'a/'),
      '',
      7,
      { href: 'https://bad.example' },
    ];
    for (const url of wrong) {
      const { code, message } = refuse('content/phishing', { url });
      expect([url, code]).toEqual([url, 'content-invalid']);
      expect(message).toContain('/url');
      expect(message).not.toMatch(/Secret|secret|alert|passwd/);
    }
  });

  it('writes what is not ASCII so that it leads to the same place', () => {
    const urls = {
      'https://bücher.example/ä': 'https://xn--bcher-kva.example/%C3%A4',
      'https://bad.example/a b': 'https://bad.example/a%20b',
      'https://bad.example/\u202egpj.exe': 'https://bad.example/%E2%80%AEgpj.exe',
      'https://bad.example/\u0000x': 'https://bad.example/%00x',
    };
    for (const [url, expected] of Object.entries(urls)) {
      const { content, notes } = convert(makeReport('content/phishing', { url }));
      expect(content.items[0]?.address).toMatchObject({ url: expected });
      expect(textsOf(notes)).toContain('url (written in ASCII)');
    }
  });

  it('refuses a machine whose source is no address', () => {
    for (const source_identifier of [
      SECRET,
      '999.1.1.1',
      '192.0.2.0/24',
      'a@b.example',
      '10',
      'fe80::1%eth0',
      'x'.repeat(1999),
    ]) {
      for (const type of [
        'connection/infected_host',
        'infrastructure/botnet',
        'infrastructure/compromised_server',
      ]) {
        const { code, message } = refusalOf(() =>
          convert(makeReport(type, { source_identifier }), TO_ACCESS),
        );
        expect([source_identifier, code]).toEqual([source_identifier, 'content-invalid']);
        expect(message).not.toContain(source_identifier);
      }
    }
  });
});

describe('texts', () => {
  it('removes what would act on a terminal, a database or a reader', () => {
    const { content, notes } = convert(
      makeReport('content/phishing', {
        description: 'a\u0000b\u001b[31mc\u202ed\ud800e\r\nf\tg',
        target_brand: ' Big\nBank\u0007 ',
        reporter: { org: 'A\u0000B', contact: 'a@a.example', domain: 'a.example' },
      }),
    );
    expect(content.summary).toContain('ab[31mcde\nf g');
    expect(content.details).toEqual({ impersonated_brand: 'Big Bank' });
    expect(textsOf(notes)).toMatch(
      /target_brand \(control characters removed\), description \(control characters removed\)/,
    );
  });

  it('cuts what is too long, however long it is', () => {
    const { content, notes } = convert(
      makeReport('content/fraud', {
        description: 'word '.repeat(200_000),
        scheme_description: '😀'.repeat(100_000),
        impersonated_entity: 'é'.repeat(201),
      }),
    );
    expect(content.summary).toMatch(/…$/);
    expect([...String(content.details?.scheme)]).toHaveLength(4000);
    expect([...String(content.details?.impersonated_entity)]).toHaveLength(200);
    expect(textsOf(notes)).toContain('description (cut to 1000 characters)');
  });

  it('removes files in base64 from texts, in one run and in lines', () => {
    const run = Buffer.alloc(300, 0x5a).toString('base64');
    const lines = (run.match(/.{76}/g) ?? []).join('\n');
    for (const encoded of [
      run,
      lines,
      lines.replaceAll('\n', ' '),
      `data:text/html;base64,${run}`,
      run.replaceAll('W', '_'),
    ]) {
      const { content, notes } = convert(
        makeReport('content/malware', { description: `It says ${encoded} and more` }),
      );
      expect(content.summary).toMatch(/^It says .* and more$/s);
      expect(content.summary).not.toContain(run.slice(0, 60));
      expect(textsOf(notes)).toContain('description (encoded data removed)');
    }
  });

  it('tames and counts the names of a hundred thousand fields', () => {
    const names = Array.from({ length: 100_000 }, (_, index) => [`\u001b[2J${index}<script>`, 1]);
    const { notes } = convert(makeReport('content/phishing', Object.fromEntries(names)));
    expect(textsOf(notes)).toContain('?[2J0?script?');
    expect(textsOf(notes)).toContain('and 99980 more');
    expect(textsOf(notes).length).toBeLessThan(1_000);
  });

  it('carries nothing under a name that every object inherits', () => {
    const report = JSON.parse(
      JSON.stringify(makeReport('content/phishing')).replace(
        '{',
        '{"__proto__":{"target_brand":"x"},"constructor":{"a":1},"toString":"x",',
      ),
    );
    const { content, notes } = convert(report);
    expect(content.details).toBeUndefined();
    expect(textsOf(notes)).toContain('__proto__, constructor, toString');
    expect(({} as Record<string, unknown>).target_brand).toBeUndefined();
  });

  it('makes content that fits into one message of a report in which everything is as long as it may be', () => {
    const wide = '😀'.repeat(4_000);
    const path = (index: number) => `https://bad.example/${index}/`.padEnd(2_048, 'a.');
    const list = <T>(length: number, make: (index: number) => T) =>
      Array.from({ length }, (_, index) => make(index));
    const more = {
      description: wide,
      evidence: list(50, () => makeEvidence(Buffer.alloc(70_000), { description: wide })),
      c2_servers: list(60, (index) => ({ address: path(index) })),
      c2_communications: list(60, path),
      redirect_chain: list(60, path),
      detection_names: list(60, (index) => `${index}${wide}`),
      malicious_files: list(60, (index) => `${index}${wide}`),
      compromise_indicators: list(60, () => ({ type: 'process', value: wide, description: wide })),
      vulnerability_exploited: { component: wide, description: wide },
      social_engineering_tactics: list(60, () => wide),
      scheme_description: wide,
      user_agent: wide,
      compromise_evidence: wide,
      tags: list(20, (index) => `${index}:`.padEnd(100, 'a')),
      nameservers: list(20, (index) => `${index}.`.padEnd(60, 'n').concat('.example')),
    };
    for (const type of Object.keys(CARRIED_TYPES)) {
      const { content } = convert(makeReport(type, more));
      expect(content.category).toBe(CARRIED_TYPES[type]?.category);
    }
  });
});
