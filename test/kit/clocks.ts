import { type Content, computeFacts, type MemberId, nationOf, type Role } from '@entente/contract';
import { findClocks, loadPack, packsDir } from '@entente/policy';

/** The content with the deadlines that the recipient's nation sets for it, as an edge would have written them in. */
export function withClocks(content: Content, to: MemberId, toRole: Role): Content {
  const party = { id: to, nation: nationOf(to), types: [], role: toRole };
  const { tables } = loadPack(packsDir, nationOf(to));
  const crossing = { nation: party.nation, stage: 'enter', from: party, to: party } as const;
  const day = new Date().toISOString().slice(0, 10);
  const rows = findClocks(tables, { ...crossing, facts: computeFacts(content), day });
  if (rows.length === 0) return content;
  const clocks = rows.map(({ clock, minutes, kind, starts, ends }) => ({
    clock,
    minutes,
    kind,
    starts,
    ends,
  }));
  return { ...content, clocks };
}
