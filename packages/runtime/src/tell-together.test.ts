import { expect, test } from 'vitest';
import { tellTogether } from './tell-together.js';

const ID = '0123456789abcdef0123456789abcdef';
const messageHash = new Uint8Array(32).fill(0xab);

function listen() {
  const lines: { readonly messages: readonly object[] }[] = [];
  const said: string[] = [];
  const info = (facts: object, what: string) => {
    lines.push(facts as { messages: object[] });
    said.push(what);
  };
  return { lines, said, ...tellTogether({ info: info as never }, 'passed') };
}

test('a message is told by id, hash and words; one without a seal by its id', async () => {
  const { lines, said, tell, idle } = listen();
  tell({ id: ID, messageHash, stage: 'leave', decision: 'permit' });
  tell({ id: ID, messageHash: null, step: 'recalled' });
  await idle();
  expect(lines).toEqual([
    {
      messages: [
        { id: ID, hash: 'ab'.repeat(32), stage: 'leave', decision: 'permit' },
        { id: ID, step: 'recalled' },
      ],
    },
  ]);
  expect(said).toEqual(['passed']);
});

test('what comes at the same time has one line, and a line has 64 at the most', async () => {
  const { lines, tell, idle } = listen();
  for (let i = 0; i < 130; i++) tell({ id: ID, messageHash, i });
  await idle();
  expect(lines.map(({ messages }) => messages.length)).toEqual([64, 64, 2]);
  expect(lines.flatMap(({ messages }) => messages)).toMatchObject(
    Array.from({ length: 130 }, (_, i) => ({ i })),
  );
});

test('what is no id is not written', async () => {
  const { lines, tell, idle } = listen();
  tell({ id: 'A. Person', messageHash });
  tell({ id: `${ID}\n`, messageHash });
  await idle();
  expect(lines[0]?.messages).toMatchObject([{ id: 'malformed' }, { id: 'malformed' }]);
});
