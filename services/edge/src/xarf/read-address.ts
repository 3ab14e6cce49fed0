import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { fitsForm } from './fits-form.js';
import type { Reader } from './open-fields.js';

/** A place in the network: exactly one of `url`, `ip`, `domain`. */
export interface Place {
  readonly url?: string;
  readonly ip?: string;
  readonly domain?: string;
  readonly port?: number;
}

/** Exact where it is plain ASCII; `javascript:`, `data:` and the like are no addresses. It is never cut: half an address is another one. */
export const readUrl: Reader<string> = (value, changed) => {
  if (typeof value !== 'string' || value.length > 4096) return undefined;
  const text = value.trim().replace(/^[a-z0-9]{3,6}:/i, (scheme) => scheme.toLowerCase());
  if (fitsForm('url', text)) return text;
  const ascii = URL.canParse(text) ? new URL(text).href : '';
  if (!fitsForm('url', ascii)) return undefined;
  changed('written in ASCII');
  return ascii;
};

export const readDomain: Reader<string> = (value) => {
  if (typeof value !== 'string' || value.length > 255) return undefined;
  const name = domainToASCII(value.trim().replace(/\.$/, ''));
  return name.includes('.') && isIP(name) === 0 && fitsForm('domain', name) ? name : undefined;
};

export const readIp: Reader<string> = (value) => {
  if (typeof value !== 'string' || value.length > 60) return undefined;
  const text = value
    .trim()
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1');
  return isIP(text) !== 0 && fitsForm('ip', text) ? text : undefined;
};

/** `192.0.2.1`, `[2001:db8::1]:8080`, `c2.example.com:443`, `http://c2.example.com/gate`. */
export const readPlace: Reader<Place> = (value, changed) => {
  const ip = readIp(value, changed);
  if (ip !== undefined) return { ip };
  const url = readUrl(value, changed);
  if (url !== undefined) return { url };
  if (typeof value !== 'string' || value.length > 300) return undefined;
  const [, host, digits] = /^(\S+?)(?::(\d{1,5}))?$/.exec(value.trim()) ?? [];
  const port = Number(digits ?? 0);
  if (host === undefined || port > 65_535) return undefined;
  const named = readIp(host, changed);
  const domain = named === undefined ? readDomain(host, changed) : undefined;
  if (named === undefined && domain === undefined) return undefined;
  return {
    ...(named === undefined ? {} : { ip: named }),
    ...(domain === undefined ? {} : { domain }),
    ...(port === 0 ? {} : { port }),
  };
};
