import { createHash } from 'node:crypto';
import type { Findings } from './collect-findings.js';
import { filled } from './filled.js';
import type { Fields, Reader } from './open-fields.js';
import { readExact, readHex } from './read-text.js';

type Hashes = Record<string, string>;

/** XARF and its samples name the hashes of the reported file in three ways; as an object, or as `sha256:` and the digits. */
const PLACES = ['hash_values', 'file_hashes', 'file_hash'];

const READERS: Readonly<Record<string, Reader<string>>> = {
  md5: readHex('hashes/properties/md5'),
  sha1: readHex('hashes/properties/sha1'),
  sha256: readHex('hashes/properties/sha256'),
  sha512: readHex('hashes/properties/sha512'),
  pdq: readHex('hashes/properties/pdq'),
  ssdeep: readExact('hashes/properties/ssdeep'),
  photodna: readExact('hashes/properties/photodna'),
};

const OF_NOTHING = new Set(['md5', 'sha1', 'sha256', 'sha512'].map((name) => createHash(name).digest('hex')));

/** The hashes of the reported file. That of an empty file is left out: on a list, it would match every empty file there is. */
export function convertHashes(fields: Fields, findings: Findings): Hashes | undefined {
  const found: Hashes = {};
  for (const place of PLACES) {
    const isText = typeof fields.raw(place) === 'string';
    const hashes = isText ? (fields.take(place, readPrefixed) ?? {}) : readEach(fields.group(place));
    for (const [name, digits] of Object.entries(hashes)) {
      const where = isText ? fields.path(place) : `${fields.path(place)}.${name}`;
      if (OF_NOTHING.has(digits))
        findings.say(`${where}: not carried, because it is the hash of an empty file`);
      else if (found[name] !== undefined && found[name] !== digits) findings.misfit(where);
      else found[name] = digits;
    }
  }
  return filled(found) as Hashes | undefined;
}

const readPrefixed: Reader<Hashes> = (value, changed) => {
  const [, name = '', digits] =
    /^\s*([a-z0-9]{3,8}):(\S{8,300})\s*$/i.exec(String(value).slice(0, 400)) ?? [];
  const read = Object.hasOwn(READERS, name.toLowerCase()) ? READERS[name.toLowerCase()] : undefined;
  const hash = read?.(digits, changed);
  return hash === undefined ? undefined : { [name.toLowerCase()]: hash };
};

function readEach(group: Fields): Hashes {
  const read = Object.entries(READERS).map(([name, reader]) => [name, group.take(name, reader)] as const);
  return Object.fromEntries(read.filter((pair): pair is [string, string] => pair[1] !== undefined));
}
