import { wire } from '@entente/contract';

export type File = wire.EvidenceFileFrame;
export type Message = File['messages'][number];
type Entry = Message['entries'][number];
type Later = File['checkpoints'][number];

/** How a manipulated evidence file is made from a good one. */
export type Change = (file: File) => Draft | Promise<Draft>;
type Draft = Parameters<typeof wire.evidenceFile.encode>[0];

export const flip = (bytes: Uint8Array, at = 0): Uint8Array => {
  const copy = Buffer.from(bytes);
  const index = at < 0 ? copy.length + at : at;
  copy[index] = (copy[index] ?? 0) ^ 1;
  return copy;
};
/** One letter of a compact form for another one, at a place counted from the end. */
export const letter = (text: Uint8Array, fromEnd: number): Uint8Array => {
  const copy = Buffer.from(text);
  const at = copy.length - fromEnd;
  copy[at] = copy[at] === 0x41 ? 0x42 : 0x41;
  return copy;
};
export const inText = (bytes: Uint8Array, from: RegExp, to: (...parts: string[]) => string): Uint8Array =>
  Buffer.from(Buffer.from(bytes).toString('utf8').replace(from, to));

export const first = (change: (message: Message) => Partial<Message>) => (file: File) => ({
  ...file,
  messages: file.messages.map((message, i) => (i === 0 ? { ...message, ...change(message) } : message)),
});
export const entry = (change: (entry: Entry) => Partial<Entry>) =>
  first(({ entries }) => ({
    entries: entries.map((one, i) => (i === 0 ? { ...one, ...change(one) } : one)),
  }));
export const opened = (change: (body: wire.BodyFrame) => Partial<wire.BodyFrame>) =>
  first((message) => {
    const body = message.opened ?? { salt: new Uint8Array(), content: new Uint8Array() };
    return { opened: { ...body, ...change(body) } };
  });
export const part = (nation: string, change: (bytes: Uint8Array) => Uint8Array | null) => (file: File) => {
  const { list, nations } = wire.directoryBundle.decode(file.directory);
  const changed = nations.flatMap((one) => {
    const bytes = one.nation === nation ? change(one.part) : one.part;
    return bytes ? [{ nation: one.nation, part: bytes }] : [];
  });
  return { ...file, directory: wire.directoryBundle.encode({ list, nations: changed }) };
};
export const list = (change: (bytes: Uint8Array) => Uint8Array) => (file: File) => {
  const bundle = wire.directoryBundle.decode(file.directory);
  return { ...file, directory: wire.directoryBundle.encode({ ...bundle, list: change(bundle.list) }) };
};
export const withMessage = (message: Message) => (file: File) => ({
  ...file,
  messages: [...file.messages, message],
});

/** The first of the later checkpoints. */
export const later =
  (change: (later: Later) => Partial<Later>): Change =>
  (file) => ({
    ...file,
    checkpoints: file.checkpoints.map((one, i) => (i === 0 ? { ...one, ...change(one) } : one)),
  });

export function header(seal: Uint8Array): wire.HeaderFrame {
  const payload = Buffer.from(seal).toString('latin1').split('.')[1] ?? '';
  return wire.header.decode(Buffer.from(payload, 'base64url'));
}

export function swapParts(file: File) {
  const { nations } = wire.directoryBundle.decode(file.directory);
  const of = (code: string) => nations.find(({ nation }) => nation === code)?.part ?? new Uint8Array();
  return part('FR', () => of('DE'))(file);
}

/** The lines of a tlog-proof after its empty one are the checkpoint: origin, size, root. */
export function root(proof: Uint8Array): Uint8Array {
  return inText(
    proof,
    /(\n\n[^\n]+\n[0-9]+\n)(.)/,
    (_all = '', before = '', one = '') => `${before}${one === 'A' ? 'B' : 'A'}`,
  );
}

export function origin(proof: Uint8Array): Uint8Array {
  return inText(proof, /\n\n[^\n]+\n/, () => '\n\nanother.example/xx/2026\n');
}

export function index(proof: Uint8Array): Uint8Array {
  return inText(proof, /index (\d+)/, (_all = '', at = '') => `index ${at === '0' ? 1 : Number(at) - 1}`);
}
