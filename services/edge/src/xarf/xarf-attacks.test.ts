import { describe, expect, it } from 'vitest';
import { convertXarf } from './convert-xarf.js';
import {
  convert,
  makeEvidence,
  makeReport,
  NOW_MS,
  refusalOf,
  TO_ACCESS,
  TO_HOST,
  textsOf,
} from './fixture/make-report.js';

const SECRET = 'Jane-Doe-s-secret';

function refuse(type: string, more: Record<string, unknown> = {}) {
  return refusalOf(() => convert(makeReport(type, more)));
}

describe('what is no XARF v4 report', () => {
  it('refuses whatever is not an object', () => {
    for (const value of [undefined, null, 4, SECRET, true, [], [makeReport('content/phishing')]]) {
      const { code, message } = refusalOf(() => convertXarf(value, TO_HOST, NOW_MS));
      expect(code).toBe('content-invalid');
      expect(message).not.toContain(SECRET);
    }
  });

  it('says of every field that is missing which one it is', () => {
    for (const name of [
      'xarf_version',
      'report_id',
      'timestamp',
      'reporter',
      'sender',
      'source_identifier',
      'category',
      'type',
    ]) {
      for (const value of [undefined, null]) {
        const { code, message } = refuse('content/phishing', { [name]: value });
        expect(code).toBe('content-invalid');
        expect(message).toContain(`/${name} is missing`);
      }
    }
    expect(refuse('content/phishing', { reporter: { org: 'x' } }).message).toContain(
      '/reporter/contact is missing',
    );
    expect(refuse('content/phishing', { url: undefined }).message).toContain('/url is missing');
  });

  it('refuses what is of another type or form, and never repeats it', () => {
    const wrong: Record<string, unknown>[] = [
      { xarf_version: '3' },
      { xarf_version: '3.2.0' },
      { xarf_version: 4 },
      { xarf_version: `4.${SECRET}` },
      { report_id: SECRET },
      { report_id: '5b1e0c1e-53a2-4b0e-9d53-0c2f4d0f7a11\n' },
      { timestamp: SECRET },
      { timestamp: '2026-02-30T00:00:00Z' },
      { timestamp: '2026-11-19T08:30:00' },
      { timestamp: '1999-11-19T08:30:00Z' },
      { timestamp: 1_700_000_000 },
      { reporter: SECRET },
      { sender: [SECRET] },
      { sender: { org: 1, contact: {}, domain: [] } },
      { source_identifier: '   ' },
      { source_identifier: ['192.0.2.1'] },
      { source_port: 0 },
      { source_port: 65_536 },
      { source_port: '443' },
      { category: SECRET },
      { category: '__proto__' },
      { type: `${SECRET}!` },
      { type: 'x'.repeat(41) },
      { evidence: SECRET },
      { evidence: { length: 1 } },
    ];
    for (const more of wrong) {
      const { code, message } = refuse('content/phishing', more);
      expect([more, code]).toEqual([more, 'content-invalid']);
      expect(message).not.toContain(SECRET);
      expect(message.length).toBeLessThan(500);
    }
  });

  it('does not take a name that every object inherits for a type', () => {
    for (const type of ['constructor', 'tostring', '__proto__', 'hasownproperty']) {
      expect(refuse('content/phishing', { type }).code).toMatch(/type-not-carried|content-invalid/);
    }
  });

  it('refuses what is nested too deep, without falling over', () => {
    const junk = JSON.parse(`${'{"a":['.repeat(50_000)}${']}'.repeat(50_000)}`);
    for (const more of [{ junk }, { whois: junk }, { evidence: [makeEvidence('x', { junk })] }]) {
      expect(refuse('content/csam', more)).toMatchObject({
        code: 'content-invalid',
        message: expect.stringContaining('nested'),
      });
    }
    expect(convert(makeReport('content/csam', { _internal: junk })).notes).toEqual([]);
  });
});

describe('evidence that lies or is too much', () => {
  it('refuses more than fifty items', () => {
    const evidence = Array.from({ length: 60 }, () => makeEvidence('x'));
    expect(refuse('content/phishing', { evidence }).message).toContain(
      '/evidence has 60 items, the limit is 50',
    );
  });

  it('refuses what is no base64, no hash and no size, and says in which item', () => {
    const wrong: Record<string, unknown>[] = [
      { payload: 'Jane'.concat('!') },
      { payload: SECRET },
      { payload: 'QUJ' },
      { payload: 'QU=J' },
      { payload: 'QUJD\nQUJD' },
      { payload: 'QUJ_' },
      { payload: 7 },
      { payload: undefined },
      { payload: 'A'.repeat(4 * 1_747_628) },
      { hash: SECRET },
      { hash: 'crc32:00000000' },
      { hash: 'sha256:' },
      { hash: { sha256: SECRET } },
      { size: -1 },
      { size: '5' },
      { content_type: undefined },
      { content_type: ' ' },
    ];
    for (const more of wrong) {
      const evidence = [makeEvidence('fine'), makeEvidence('x', more)];
      const { code, message } = refuse('content/fraud', { evidence });
      expect([Object.keys(more), code]).toEqual([Object.keys(more), 'content-invalid']);
      expect(message).toContain('/evidence/1/');
      expect(message).not.toMatch(/Jane|AAAA/);
    }
    expect(refuse('content/fraud', { evidence: [null, SECRET] }).message).toContain(
      '/evidence/0 must be an object',
    );
  });

  it('takes a payload of the full five megabytes without carrying it', () => {
    const { content, notes } = convert(
      makeReport('content/fraud', { evidence: [makeEvidence(Buffer.alloc(5 * 1024 * 1024))] }),
    );
    expect(content.evidence?.[0]).toMatchObject({ size: 5 * 1024 * 1024, hash_checked: 'matches' });
    expect(textsOf(notes)).toContain('too large');
  });
});

describe('child abuse material in a report', () => {
  const HEADS = {
    jpeg: 'ffd8ffe000104a464946',
    png: '89504e470d0a1a0a0000000d',
    gif: '474946383961010001',
    webp: '524946460000000057454250',
    bmp: '424d460000000000000036000000',
    tiff: '49492a0008000000',
    heic: '000000186674797068656963',
    mp4: '000000206674797069736f6d',
    mkv: '1a45dfa3a3428681',
    avi: '5249464600000000415649204c495354',
    mp3: '49443304000000000023',
    ogg: '4f6767530002',
  };

  it('is refused under its media type, however that is written', () => {
    for (const type of ['content/csam', 'content/csem']) {
      for (const content_type of [
        'image/jpeg',
        ' Image/PNG',
        'VIDEO/mp4; codecs=x',
        'audio/mpeg',
        'image/svg+xml',
        'video/',
      ]) {
        const refusal = refuse(type, {
          evidence: [makeEvidence('x'), makeEvidence(SECRET, { content_type })],
        });
        expect(refusal).toMatchObject({
          code: 'content-forbidden',
          message: expect.stringContaining('evidence 2'),
        });
        expect(refusal.message).not.toContain(SECRET);
      }
    }
  });

  it('is refused under a false media type', () => {
    for (const [name, head] of Object.entries(HEADS)) {
      const payload = Buffer.concat([Buffer.from(head, 'hex'), Buffer.alloc(100)]);
      const evidence = [makeEvidence(payload, { content_type: 'text/plain' })];
      expect([name, refuse('content/csam', { evidence }).code]).toEqual([name, 'content-forbidden']);
    }
  });

  it('is refused inside any other field, which is named and not repeated', () => {
    const picture = Buffer.concat([Buffer.from(HEADS.jpeg, 'hex'), Buffer.alloc(400, 9)]).toString('base64');
    const places: [Record<string, unknown>, string][] = [
      [{ description: `see data:image/jpeg;base64,${picture}` }, 'description'],
      [{ thumbnail: picture }, 'thumbnail'],
      [{ url: `https://bad.example/?x=${picture}` }, 'url'],
      [{ whois: { note: [picture] } }, 'whois.note.0'],
      [{ hash_values: { photodna: picture } }, 'hash_values.photodna'],
      [{ evidence: [makeEvidence('x', { description: picture })] }, 'evidence[0].description'],
      [
        { reporter: { org: 'x', contact: 'x@x.example', domain: 'x.example', logo: 'data:image/png,x' } },
        'reporter.logo',
      ],
    ];
    for (const [more, where] of places) {
      const { code, message } = refuse('content/csem', more);
      expect(code).toBe('content-forbidden');
      expect(message).toContain(`${where} holds media`);
      expect(message).not.toContain(picture.slice(0, 40));
    }
  });

  it('does not refuse words about it', () => {
    const description = 'BM and ID3 in a text; data: none. Image/jpeg files were seen at /image/1.';
    expect(
      convert(makeReport('content/csam', { description, evidence: [makeEvidence('BM means nothing')] }))
        .content.category,
    ).toBe('csam');
  });
});

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
      /description \(control characters removed\)[\s\S]*target_brand \(control characters removed\)/,
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
});
