import { connect } from 'node:net';
import { checkLiveServer, needsTls } from '@entente/bus';
import type { Report } from './finding.js';

const WITHIN_MS = 3000;
const MOST_BYTES = 64 * 1024;

/** Whether each of the nation's NATS servers answers, in which version, and whether it may carry live messages. */
export async function checkServers(urls: string, isLive: boolean, report: Report): Promise<void> {
  const servers = urls.split(',');
  try {
    needsTls(servers, isLive);
  } catch (error) {
    return report('NATS server', 'bad', (error as Error).message);
  }
  await Promise.all(servers.map((url) => checkServer(url, url.startsWith('tls://'), isLive, report)));
}

async function checkServer(url: string, isSecure: boolean, isLive: boolean, report: Report): Promise<void> {
  try {
    const { version = '?', tls_required: tls = false } = await readInfo(url);
    if (isSecure && !tls) return report('NATS server', 'bad', `${url} offers no TLS`);
    report('NATS server', 'ok', `nats-server ${version}${tls ? ', TLS' : ''}`);
    checkVersion(url, version, isLive, report);
  } catch (error) {
    report('NATS server', 'bad', `${url}: ${(error as Error).message}`);
  }
}

function checkVersion(url: string, version: string, isLive: boolean, report: Report): void {
  try {
    checkLiveServer(version);
  } catch (error) {
    report('NATS version', isLive ? 'bad' : 'warning', (error as Error).message, url);
  }
}

interface Info {
  readonly version?: string;
  readonly tls_required?: boolean;
}

/** The first line that a server says to everybody, before any key is shown. */
async function readInfo(url: string): Promise<Info> {
  const { hostname, port } = new URL(url.replace(/^(nats|tls):/, 'http:'));
  return await new Promise((resolve, reject) => {
    let text = '';
    const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 4222) });
    const fail = (why: string) => {
      socket.destroy();
      reject(new Error(why));
    };
    socket.setTimeout(WITHIN_MS, () => fail(`no answer within ${WITHIN_MS / 1000} s`));
    socket.once('error', (error) => fail(error.message));
    socket.on('data', (data) => {
      text += data.toString('latin1');
      if (text.length > MOST_BYTES) return fail('what answers there is no NATS server');
      if (!text.includes('\r\n')) return;
      socket.destroy();
      try {
        resolve(JSON.parse(/^INFO (\{.*\})\s*\r\n/.exec(text)?.[1] ?? '') as Info);
      } catch {
        reject(new Error('what answers there is no NATS server'));
      }
    });
  });
}
