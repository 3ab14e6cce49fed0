import { examplePlan } from '@entente/cli';

/** DE with its hotline and its provider, FR, and an auditor in each. */
export function planWithAuditors() {
  const { name, nations } = examplePlan();
  const auditor = (code: string) => ({
    ...{ id: `auditor.${code.toLowerCase()}`, name: `Auditor ${code}` },
    ...{ types: ['auditor' as const], roles: ['auditor' as const] },
  });
  return {
    name,
    nations: nations.slice(0, 2).map(({ code, members }) => ({
      code,
      members: [
        ...members.filter(({ types }) => code === 'DE' && !types.includes('ministry')),
        auditor(code),
      ],
    })),
  };
}
