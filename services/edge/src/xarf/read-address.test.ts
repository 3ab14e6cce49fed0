import { describe, expect, it } from 'vitest';
import { readDomain, readIp, readPlace, readUrl } from './read-address.js';

const ignore = () => undefined;

describe('addresses', () => {
  it('reads addresses of both versions, in lower case and without brackets', () => {
    expect(readIp(' 192.0.2.1 ', ignore)).toBe('192.0.2.1');
    expect(readIp('[2001:DB8::A]', ignore)).toBe('2001:db8::a');
    for (const text of ['192.0.2', '192.0.2.256', '192.0.2.01', '::g', 'fe80::1%eth0', '1', '', 7]) {
      expect([text, readIp(text, ignore)]).toEqual([text, undefined]);
    }
  });

  it('reads names, in any script, and takes no address for one', () => {
    expect(readDomain('WWW.Bücher.example.', ignore)).toBe('www.xn--bcher-kva.example');
    for (const text of [
      'localhost',
      '192.0.2.1',
      '*.example.com',
      'a b.example',
      'a/b.example',
      'ex\u0000ample.com',
      '',
      null,
    ]) {
      expect([text, readDomain(text, ignore)]).toEqual([text, undefined]);
    }
  });

  it('leaves an address in ASCII exactly as it is', () => {
    for (const url of [
      'https://a.example',
      'http://a.example/%7E/../x?a=1&&#',
      'magnet:?xt=urn:btih:abc',
      'ftp://u:p@a.example/',
      'ipfs://x',
    ]) {
      expect(readUrl(url, ignore)).toBe(url);
    }
  });

  it('tells the four kinds of place apart', () => {
    expect(readPlace('2001:db8::7', ignore)).toEqual({ ip: '2001:db8::7' });
    expect(readPlace('192.0.2.1:65535', ignore)).toEqual({ ip: '192.0.2.1', port: 65_535 });
    expect(readPlace('c2.example:0', ignore)).toEqual({ domain: 'c2.example' });
    expect(readPlace('https://c2.example:8443/', ignore)).toEqual({ url: 'https://c2.example:8443/' });
    for (const text of [
      'c2.example:65536',
      'a b',
      'c2.example:x',
      ' '.repeat(100_000),
      'x'.repeat(100_000),
    ]) {
      expect(readPlace(text, ignore)).toBeUndefined();
    }
  });
});
