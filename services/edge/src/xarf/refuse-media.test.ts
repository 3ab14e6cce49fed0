import { describe, expect, it } from 'vitest';
import { convert, makeEvidence, makeReport, refusalOf } from './fixture/make-report.js';

const SECRET = 'Jane-Doe-s-secret';

function refuse(type: string, more: Record<string, unknown> = {}) {
  return refusalOf(() => convert(makeReport(type, more)));
}

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
      [{ registrar: 'see data:text/html,x' }, 'registrar'],
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
