import { execFileSync } from 'node:child_process';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createUserKey } from './create-user-key.js';
import { cleanUp, onCleanUp, startServer } from './fixture/test-server.js';
import { startNation } from './fixture/with-nats-server.js';
import { checkLiveServer, needsTls } from './live-server.js';
import { openBus } from './open-bus.js';

afterEach(cleanUp);

describe('a server for live messages', () => {
  it.each(['2.11.16', '2.11.30', '2.12.7', '2.13.0', '3.0.0', '2.12.8-RC.1'])('may be %s', (version) => {
    expect(() => checkLiveServer(version)).not.toThrow();
  });

  it.each(['2.9.10', '2.10.99', '2.11.15', '2.12.6', '1.99.99', '', 'newest', '2.11'])(
    'must not be %j',
    (version) => {
      expect(() => checkLiveServer(version)).toThrow(expect.objectContaining({ code: 'server-refused' }));
    },
  );

  it('is asked for its version before anything is said to it', async () => {
    const nation = await startNation('DE', []);
    const options = { servers: nation.server.url, name: 'x', inboxPrefix: '_INBOX_gate' };
    const seed = nation.keys.gate?.seed ?? '';
    const answer = (nats: string) => openBus({ ...options, seed, live: true, servers: nats });
    const version = /"version":"(\d+\.\d+)/.exec(await infoOf(nation.server.port))?.[1] ?? '';
    // The oldest that we support for trying is too old for this; a newer one on this machine may do.
    if (Number(version.split('.')[1]) < 11)
      await expect(answer(nation.server.url)).rejects.toMatchObject({ code: 'server-refused' });
    else onCleanUp(async () => await (await answer(nation.server.url)).close());
  });
});

describe('TLS', () => {
  it('is what the URL says, for all servers or for none', () => {
    expect(needsTls(['tls://nats.agency.example:4222'], true)).toBe(true);
    expect(needsTls(['nats://127.0.0.1:4222', 'nats://[::1]:4222'], true)).toBe(false);
    expect(needsTls(['nats://10.0.0.7:4222'], false)).toBe(false);
    const both = ['tls://a:1', 'nats://127.0.0.1:1'];
    expect(() => needsTls(both, false)).toThrow(expect.objectContaining({ code: 'bad-config' }));
    for (const away of ['nats://10.0.0.7:4222', 'nats://127.0.0.1.example:4222', 'nats://agency'])
      expect(() => needsTls([away], true)).toThrow(expect.objectContaining({ code: 'bad-config' }));
  });

  it('cannot be taken away by a server, or whoever stands before it, that offers none', async () => {
    const { server, keys } = await startNation('DE', []);
    const stop = new AbortController();
    const errors: string[] = [];
    const opening = openBus({
      servers: server.url.replace('nats://', 'tls://'),
      ...{ name: 'x', seed: keys.gate?.seed ?? '', inboxPrefix: '_INBOX_gate', signal: stop.signal },
      onStatus: (event) => {
        if (event.type === 'waiting') errors.push(String(event.error.cause));
        if (errors.length > 1) stop.abort();
      },
    });
    await expect(opening).rejects.toMatchObject({ code: 'closed' });
    expect(errors[0]).toMatch(/tls/i);
  });

  it('works with a certificate of an authority that is named', async () => {
    const key = createUserKey();
    let folder = '';
    const server = await startServer((name, dir, [port = 0]) => {
      folder = dir;
      makeCertificate(dir);
      return JSON.stringify({
        ...{ server_name: name, listen: `127.0.0.1:${port}` },
        tls: { cert_file: join(dir, 'cert.pem'), key_file: join(dir, 'key.pem') },
        authorization: { users: [{ nkey: key.publicKey }] },
      });
    });
    const bus = await openBus({
      servers: `tls://localhost:${server.port}`,
      ...{ name: 'x', seed: key.seed, inboxPrefix: '_INBOX_x' },
      tls: { caFile: join(folder, 'cert.pem') },
    });
    onCleanUp(async () => await bus.close());
    expect(bus.connected).toBe(true);
  });
});

function makeCertificate(dir: string): void {
  const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
  const subject = ['-subj', '/CN=test', '-addext', 'subjectAltName=DNS:localhost'];
  const words = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '2',
  ];
  execFileSync('openssl', [...words, '-keyout', key, '-out', cert, ...subject], { stdio: 'ignore' });
}

/** The first line that a server says. */
async function infoOf(port: number): Promise<string> {
  return await new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1').once('error', reject);
    socket.once('data', (data) => {
      socket.destroy();
      resolve(String(data));
    });
  });
}
