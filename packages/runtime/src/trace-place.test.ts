import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { formatTraceparent, parseTraceparent } from './parse-traceparent.js';
import { placeUnder, traceOf } from './trace-place.js';

const hash = createHash('sha256').update('a message').digest();
const own = traceOf(hash);
const span = 'b7ad6b7169203331';
const good = `00-${own.traceId}-${span}-01`;

describe('a traceparent', () => {
  it('is read as it was written', () => {
    expect(parseTraceparent(good)).toEqual({ traceId: own.traceId, spanId: span });
    expect(formatTraceparent({ traceId: own.traceId, spanId: span })).toBe(good);
  });

  it.each([
    ['of a later version', good.replace(/^00/, '01')],
    ['of the version that there is none of', good.replace(/^00/, 'ff')],
    ['with a trace of zeros', `00-${'0'.repeat(32)}-${span}-01`],
    ['with a span of zeros', `00-${own.traceId}-${'0'.repeat(16)}-01`],
    ['in capitals', good.toUpperCase()],
    ['with more at its end', `${good}-00`],
    ['with a line end', `${good}\n`],
    ['with a blank before it', ` ${good}`],
    ['that is cut', good.slice(0, -1)],
    ['with a digit that is none', good.replace(/.-01$/, 'g-01')],
    ['that is empty', ''],
    ['that is very long', good.repeat(10_000)],
  ])('%s is none', (_, text) => {
    expect(parseTraceparent(text)).toBeUndefined();
  });
});

describe('the place of a message', () => {
  it('is that of its hash where nothing is carried', () => {
    const hex = hash.toString('hex');
    expect(placeUnder(hash, [])).toEqual({ traceId: hex.slice(0, 32), spanId: hex.slice(32, 48) });
  });

  it('is under the span that is named for its trace, among those of the others in a batch', () => {
    const other = `00-${'a'.repeat(32)}-${span}-01`;
    expect(placeUnder(hash, [other, 'nonsense', good])).toEqual({ traceId: own.traceId, spanId: span });
  });

  it('is never in a trace that only the header names', () => {
    expect(placeUnder(hash, [`00-${'a'.repeat(32)}-${span}-01`])).toEqual(own);
  });
});
