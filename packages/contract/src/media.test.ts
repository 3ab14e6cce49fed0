import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { codeOf } from './fixture/code-of.js';
import { contentAt, invalidContents, jsonBytes } from './fixture/vectors.js';
import { parseContent } from './validate-content.js';

// What a csam report must not carry in any form. Chance stands for the picture.
const PICTURE = Buffer.concat(
  Array.from({ length: 32 }, (_, i) => createHash('sha256').update(`picture ${i}`).digest()),
);
const BASE64 = PICTURE.toString('base64');
const HEX = PICTURE.toString('hex');
const lines = (text: string, width: number, end: string) =>
  text.match(new RegExp(`.{1,${width}}`, 'g'))?.join(end) ?? '';
const percent = (text: string) =>
  text.replace(/[+/=:;,]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

const FORMS = [
  ['base64', BASE64],
  ['base64 after words', `See this: ${BASE64}`],
  ['base64 for addresses', PICTURE.toString('base64url')],
  ['base64 of 400 characters', BASE64.slice(0, 400)],
  ['base64 in lines of 76', lines(BASE64, 76, '\r\n')],
  ['base64 in lines of 64', lines(BASE64, 64, '\n')],
  ['base64 in lines of 76 with spaces', lines(BASE64, 76, '\n  ')],
  ['base64 in strings of a program', `"${lines(BASE64, 80, '",\n"')}"`],
  ['base64 for addresses in lines', lines(PICTURE.toString('base64url'), 76, '\n')],
  ['base64 with percent signs', percent(BASE64)],
  ['the beginning of a PNG', 'iVBORw0KGgoAAAANSUhEUg=='],
  ['the beginning of a JPEG', '/9j/4AAQSkZJRgABAQAAAQABAAD='],
  ['the beginning of a JPEG in the alphabet for addresses', '_9j_4AAQSkZJRgABAQAAAQABAAD'],
  ['the beginning of a GIF after words', 'See: R0lGODlhAQABAIAAAAAAAP=='],
  ['the beginning of a WebP', 'UklGRiIAAABXRUJQVlA4IBYAAAAw'],
  ['hex', HEX],
  ['hex in capitals', HEX.toUpperCase()],
  ['hex in lines of 80', lines(HEX, 80, '\n')],
  ['hex in pairs', lines(HEX, 2, ' ')],
  ['hex in pairs with colons', lines(HEX, 2, ':')],
  ['hex in groups of 4', lines(HEX, 4, ' ')],
  ['hex as a program writes it', lines(HEX, 2, ', 0x')],
  ['a data: address', `data:image/png;base64,${BASE64.slice(0, 40)}`],
  ['a data: address in capitals', 'DATA:IMAGE/PNG;BASE64,AAAA'],
  ['a data: address without a type', 'data:,AAAA'],
  ['a data: address after white space', ' \tdata:;charset=utf-8,AAAA'],
  ['a data: address inside words', 'Open data:image/svg+xml,<svg/> to see it.'],
  ['a data: address with percent signs', percent('data:image/png;base64,AAAA')],
  [
    'a data: address in the query of another',
    `https://a.example/?u=${percent('data:video/mp4;base64,AAAA')}`,
  ],
  ['the mark of base64 alone', 'x;base64,AAAA'],
  ['an image’s media type', 'image/jpeg'],
  ['a video’s media type', 'video/mp4'],
  ['a sound’s media type', 'audio/mpeg'],
  ['a media type in capitals', 'Image/PNG'],
  ['a media type with a parameter', 'image/svg+xml; charset=utf-8'],
  ['a media type with white space around it', ' image/x-icon '],
] as const;

const REPORT = contentAt('csam/valid/child-in-danger-with-everybody-named');

const PLACES: readonly (readonly [string, string, (text: string) => unknown])[] = [
  ['the summary', 'summary', (text) => text],
  ['an address', 'items.0.address', (url) => ({ url })],
  ['a note to an item', 'items.0.note', (text) => text],
  ['the victim’s name', 'people.victims.0.name', (text) => text],
  ['a hash', 'items.0.hashes', (photodna) => ({ photodna })],
  ['evidence', 'evidence', (media_type) => [{ description: 'x', media_type }]],
  ['a payload', 'evidence', (payload_base64) => [{ description: 'x', payload_base64 }]],
  ['details', 'details', (conduct) => ({ conduct })],
  ['a field nobody knows', 'thumbnail', (text) => text],
  ['a list in a list in a field nobody knows', 'x', (text) => [[{ y: [text] }]]],
];

describe.each(FORMS)('csam with %s', (_, text) => {
  test.each(PLACES)('in %s is refused as forbidden', (_place, path, make) => {
    expect(codeOf(() => parseContent(jsonBytes(changed(path, make(text)))))).toBe('content-forbidden');
  });
});

describe('csam is not taken for a picture because of', () => {
  const sha256 = (i: number) => createHash('sha256').update(String(i)).digest('hex');
  const list = (count: number, end: string, of: (i: number) => string) =>
    Array.from({ length: count }, (_, i) => of(i)).join(end);

  test.each([
    ['words like image/video', 'Image/video album, twelve pages, open to anyone.'],
    ['a media type within words', 'The files are declared as image/jpeg and video/mp4.'],
    ['the word data with a colon', 'We hold more data: names, addresses and times.'],
    ['a list of SHA-256', list(40, '\n', sha256)],
    ['a list of MD5', list(100, '\n', (i) => sha256(i).slice(0, 32))],
    ['a list of addresses', list(40, '\n', (i) => `https://img.example.net/a/${sha256(i)}.jpg`)],
    ['a fingerprint in pairs', lines(sha256(1) + sha256(2), 2, ':')],
    ['a list of times', list(30, '\n', (i) => `2026-11-03T08:41:${10 + i}Z`)],
    ['a list of account names', list(60, ', ', (i) => `user-${sha256(i).slice(0, 24)}`)],
    ['a long text', list(450, ' ', () => 'Wörter,').trim()],
  ])('%s', (_, text) => {
    expect(codeOf(() => parseContent(jsonBytes({ ...REPORT, summary: text })))).toBe('accepted');
  });

  test('both perceptual hashes in full length', () => {
    const report = changed('items.0.hashes', { photodna: HEX.slice(0, 288), sha512: HEX.slice(0, 128) });
    expect(codeOf(() => parseContent(jsonBytes(report)))).toBe('accepted');
  });
});

// A short run is no picture: for it the schema's own refusal is enough.
const ATTACKS = {
  'data-url-as-address': 'content-forbidden',
  'data-url-inside-an-address': 'content-forbidden',
  'encoded-run-in-an-address': 'content-forbidden',
  'encoded-run-in-summary': 'content-invalid',
  'image-in-evidence': 'content-forbidden',
  'image-media-type': 'content-forbidden',
  'url-safe-base64-in-conduct': 'content-invalid',
  'video-media-type-in-capitals': 'content-forbidden',
  'wrapped-base64-in-a-note': 'content-invalid',
} as const;

test.each(Object.entries(ATTACKS))('the vector %s is refused as %s', (name, code) => {
  const [, vector] = invalidContents('csam').find(([file]) => file === name) ?? [];
  expect(codeOf(() => parseContent(jsonBytes(vector?.content)))).toBe(code);
});

test('no other vector of csam is refused as forbidden', () => {
  const others = invalidContents('csam').filter(([name]) => !(name in ATTACKS));
  const codes = others.map(([, { content }]) => codeOf(() => parseContent(jsonBytes(content))));
  expect(new Set(codes)).toEqual(new Set(['content-invalid']));
});

test('another category may carry a picture as evidence', () => {
  const report = contentAt('phishing/valid/page-on-a-site-broken-into');
  const evidence = [
    { description: 'What the page looks like.', media_type: 'image/png', payload_base64: BASE64 },
  ];
  expect(codeOf(() => parseContent(jsonBytes({ ...report, evidence })))).toBe('accepted');
});

test('the search for a picture takes no long time over a hostile content', () => {
  const before = process.cpuUsage();
  for (const text of ['A'.repeat(399), `${'ab '.repeat(132)}-`, '%41%', 'data: ', '+/'.repeat(199)]) {
    const words = Array.from({ length: Math.floor(300_000 / (text.length + 3)) }, () => text);
    expect(['content-invalid', 'content-forbidden']).toContain(
      codeOf(() =>
        parseContent(jsonBytes({ category: 'csam', a: words, b: words.join(' ').slice(0, 9000) })),
      ),
    );
  }
  // Of the processor: on a machine that is busy the clock says nothing.
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1000).toBeLessThan(5000);
});

/** The report with another value at this path. */
function changed(path: string, value: unknown): object {
  const report = structuredClone(REPORT);
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  const owner = keys.reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], report);
  (owner as Record<string, unknown>)[last] = value;
  return report;
}
