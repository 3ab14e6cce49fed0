import { spawnSync } from 'node:child_process';

const AS_ROOT = ['unshare', '-m'];
const AS_ANYBODY = ['unshare', '-rm'];

/**
 * Small disks are mounted for a while, to be filled: in a namespace of its own, which ends with the run, and only where that is allowed.
 * @param {string[]} command
 * @param {NodeJS.ProcessEnv} env
 * @param {{ asAnybody: boolean }} options whether to become root in the namespace where one is not: files then have other rights
 * @returns its exit code, and whether there were disks
 */
export function runApart(command, env, { asAnybody }) {
  const apart = [AS_ROOT, ...(asAnybody ? [AS_ANYBODY] : [])].find(
    ([unshare, flag]) => spawnSync(unshare, [flag, 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0,
  );
  const [first, ...words] = [...(apart ?? []), ...command];
  const disks = apart ? { FAULT_DISKS: '1' } : {};
  const { status } = spawnSync(first, words, { stdio: 'inherit', env: { ...process.env, ...disks, ...env } });
  return { status: status ?? 1, hasDisks: apart !== undefined };
}
