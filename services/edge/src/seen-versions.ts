import type { SqlDatabase } from '@entente/runtime';

/** Which version of each directory part was seen, kept over restarts: an old directory must not bring a revoked key back. */
export function openSeenVersions(db: SqlDatabase) {
  const all = db.prepare('SELECT part, version FROM part_version');
  const raise = db.prepare(
    'INSERT INTO part_version (part, version) VALUES (?, ?) ON CONFLICT (part) DO UPDATE SET version = max(version, excluded.version)',
  );
  return Object.freeze({
    floor: (): Map<string, number> =>
      new Map(all.all().map((row) => [String(row.part), Number(row.version)])),
    raise: (versions: readonly { readonly part: string; readonly version: number }[]): void => {
      for (const { part, version } of versions) raise.run(part, version);
    },
  });
}
