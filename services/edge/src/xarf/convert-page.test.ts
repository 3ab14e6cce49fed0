import { describe, expect, it } from 'vitest';
import { convert, makeReport, textsOf } from './fixture/make-report.js';

describe('pages', () => {
  it('keeps the exact address, the address behind it and who carries it', () => {
    const { content } = convert(
      makeReport('content/phishing', {
        url: 'HTTPS://Bad.example/a?b=%20c#d',
        domain: 'Bad.Example.',
        source_port: 8443,
        asn: 64500,
        country_code: 'NL',
        nameservers: ['ns1.bad.example', 'ns1.bad.example'],
        ssl_certificate: { fingerprint: 'AB:'.repeat(31).concat('CD') },
        verified_at: '2026-11-19T10:00:00.5+02:00',
      }),
    );
    expect(content.items[0]).toEqual({
      id: 'i1',
      kind: 'page',
      scope: 'exact-address',
      seen_at: '2026-11-19T08:00:00.500Z',
      address: {
        url: 'https://Bad.example/a?b=%20c#d',
        domain: 'bad.example',
        ip: '192.0.2.17',
        port: 8443,
        asn: 64500,
        hosting_country: 'NL',
        nameservers: ['ns1.bad.example'],
        certificate_sha256: 'ab'.repeat(31).concat('cd'),
      },
    });
  });

  it('keeps a source that is another name than the domain', () => {
    const { content } = convert(
      makeReport('content/fraud', { source_identifier: 'cdn.example', domain: 'shop.example' }),
    );
    expect(content.items[0]).toMatchObject({
      address: { domain: 'shop.example' },
      note: 'Source named in the report: cdn.example',
    });
  });

  it('leaves out the hash of an empty file, which would match every empty file', () => {
    const nothing = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
    const { content, notes } = convert(makeReport('content/phishing', { file_hash: `sha256:${nothing}` }));
    expect(content.items[0]).not.toHaveProperty('hashes');
    expect(textsOf(notes)).toContain('file_hash: not carried, because it is the hash of an empty file');
  });
});
