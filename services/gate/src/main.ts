import { readdirSync } from 'node:fs';
import { inboxPrefix, openBus } from '@entente/bus';
import { wire } from '@entente/contract';
import { followDirectory, loadAnchors } from '@entente/members';
import { loadPack, type Pack } from '@entente/policy';
import { createLogger, runService } from '@entente/runtime';
import { loadDecrypter, readSecretFile } from '@entente/seal';
import { readGateConfig } from './config.js';
import { createGate } from './gate.js';
import { createRateLimit } from './limit-rate.js';

const NOTICES_PER_SECOND = 20;
const logger = createLogger('gate', process.env.ENTENTE_NATION ?? '?');

await runService('the gate', logger, async () => {
  const config = readGateConfig(process.env);
  const follower = await followDirectory(config.DIRECTORY_DIR, await loadAnchors(config.ANCHORS_FILE), {
    now: Date.now,
    onFault: (fault) => logger.error({ err: fault }, 'ALARM: a part of the directory cannot be believed'),
  });
  const connect = async (file: string) =>
    await openBus({
      servers: config.NATS_URL,
      name: `gate ${config.NATION}`,
      seed: (await readSecretFile(file)).trim(),
      inboxPrefix: inboxPrefix('gate'),
      onStatus: (event) => logger.info({ event }, 'bus'),
    });
  const deps = {
    nation: config.NATION,
    profile: config.PROFILE === 'live' ? wire.Profile.PROFILE_LIVE : wire.Profile.PROFILE_TEST,
    directory: follower.current,
    pack: loadPack(config.PACKS_DIR, config.NATION),
    foreignPacks: loadForeignPacks(config.PACKS_DIR, config.NATION),
    decrypters: [await loadDecrypter(config.KEY_FILE)],
    bus: await connect(config.NKEY_FILE),
    cross: await connect(config.CROSS_NKEY_FILE),
    logger,
    mayNotify: createRateLimit(NOTICES_PER_SECOND, Date.now),
    now: Date.now,
  };
  return createGate(deps, follower.refresh);
});

/** What a counterpart's pack will ask is good to know and no more: one that does not load is left out. */
function loadForeignPacks(dir: string, own: string): Map<string, Pack> {
  const packs = new Map<string, Pack>();
  const names = readdirSync(dir, { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && /^[a-z]{2}$/.test(entry.name),
  );
  for (const nation of names.map(({ name }) => name.toUpperCase()).filter((name) => name !== own)) {
    try {
      packs.set(nation, loadPack(dir, nation));
    } catch (error) {
      logger.warn({ err: error, nation }, 'the pack of a counterpart cannot be read');
    }
  }
  return packs;
}
