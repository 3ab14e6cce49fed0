import type { MemberType, Role } from '@entente/contract';

/** What a network is to consist of, before any key or port exists. */
export interface NetworkPlan {
  readonly name: string;
  readonly nations: readonly NationPlan[];
}

export interface NationPlan {
  readonly code: string;
  readonly members: readonly MemberPlan[];
  /** On three servers, with two ledgers and two gates; these members have a second edge, which takes over when the first ends. */
  readonly cluster?: { readonly standby: readonly string[] };
}

export interface MemberPlan {
  readonly id: string;
  readonly name: string;
  readonly types: readonly MemberType[];
  readonly roles: readonly Role[];
}

/** Three nations, each with a hotline, a ministry whose police are part of it, and a provider. */
export function examplePlan(): NetworkPlan {
  return { name: 'entente-example', nations: ['DE', 'FR', 'NL'].map(exampleNation) };
}

/** The network of `npm start`: the same, and an auditor in the first nation. */
export function auditedPlan(): NetworkPlan {
  const { name, nations } = examplePlan();
  return {
    name,
    nations: nations.map(({ code, members }, i) => ({
      code,
      members: i === 0 ? [...members, auditorOf(code)] : members,
    })),
  };
}

/** The same, with one of the nations on a cluster; its provider has a second edge. */
export function clusterPlan(): NetworkPlan {
  const { name, nations } = auditedPlan();
  return {
    name,
    nations: nations.map((nation) =>
      nation.code === 'DE' ? { ...nation, cluster: { standby: ['isp.de'] } } : nation,
    ),
  };
}

function auditorOf(code: string): MemberPlan {
  return {
    ...{ id: `auditor.${code.toLowerCase()}`, name: `Auditor ${code}` },
    ...{ types: ['auditor'], roles: ['auditor'] },
  };
}

function exampleNation(code: string): NationPlan {
  const nation = code.toLowerCase();
  return {
    code,
    members: [
      { id: `hotline.${nation}`, name: `Hotline ${code}`, types: ['hotline'], roles: ['hotline'] },
      {
        id: `ministry.${nation}`,
        name: `Ministry ${code}`,
        types: ['ministry', 'police'],
        roles: ['ministry', 'police'],
      },
      {
        id: `isp.${nation}`,
        name: `Provider ${code}`,
        types: ['isp'],
        roles: code === 'NL' ? ['hosting', 'access', 'registrar'] : ['hosting', 'access'],
      },
    ],
  };
}
