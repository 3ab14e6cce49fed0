// What the processes of a network say of themselves, and the system of them.
import { readFileSync } from 'node:fs';

/** Processor time in seconds, memory in bytes, and delivered referrals so far. */
export async function counted(home, name) {
  const response = await fetch(`http://127.0.0.1:${home.operationPorts[name]}/metrics`);
  const text = await response.text();
  const value = (line) =>
    Number(
      text
        .split('\n')
        .find((one) => one.startsWith(line))
        ?.split(' ')
        .at(-1) ?? 0,
    );
  const sum = (begin, part) =>
    text
      .split('\n')
      .filter((one) => one.startsWith(begin) && one.includes(part))
      .reduce((all, one) => all + Number(one.split(' ').at(-1)), 0);
  return {
    cpu: value('process_cpu_seconds_total '),
    rss: value('process_resident_memory_bytes '),
    permitted: sum('entente_gate_decisions_total{', 'decision="permit"'),
    delivered: value('entente_edge_outcomes_total{outcome="delivered"'),
  };
}

/** User and system time of the NATS servers so far, in seconds; Linux counts in hundredths. */
export function natsCpu({ pids }) {
  return Object.entries(pids())
    .filter(([name]) => name.startsWith('nats.') || name === 'interconnect')
    .map(([, pid]) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' '))
    .reduce((sum, fields) => sum + (Number(fields[11]) + Number(fields[12])) / 100, 0);
}

export function round(value) {
  return Math.round(value * 100) / 100;
}
