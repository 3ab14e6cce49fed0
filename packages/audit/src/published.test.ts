import { expect, test } from 'vitest';
import { openCheckpoint } from './checkpoint.js';
import { parseVkey } from './note-key.js';

/** Go's checksum database: its key as `go` itself has it, and checkpoints that it has signed. */
const SUMDB = parseVkey('sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8');
const ORIGIN = 'go.sum database tree';
const noteOf = (size: number, root: string, signature: string) =>
  `${ORIGIN}\n${size}\n${root}\n\n— sum.golang.org ${signature}\n`;

test.each([
  // The signature that C2SP tlog-checkpoint shows in its example, under the name that it was made for.
  [
    20_852_163,
    'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=',
    'Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=',
  ],
  [
    6_476_701,
    'mb8QLQIs0Z0yP5Cstq6guj87oXWeC9gEM8oVikmm9Wk=',
    'Az3grsLX85Gz+s1SiTbgkuqxgItqFq7gsMUEyVnrsa9LM7Us9S+1xbFIGu95949rj4nPRYfvimWEPWL+o3GeoWwOoAw=',
  ],
])('a checkpoint of %i entries that another log has published verifies', (size, root, signature) => {
  const note = noteOf(size, root, signature);
  expect(openCheckpoint(note, SUMDB, ORIGIN)).toEqual({
    ...{ origin: ORIGIN, size },
    root: Buffer.from(root, 'base64'),
  });
  const forged = note.replace(String(size), String(size + 1));
  expect(() => openCheckpoint(forged, SUMDB, ORIGIN)).toThrow(
    expect.objectContaining({ code: 'note-signature-invalid' }),
  );
});
