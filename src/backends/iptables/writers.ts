/** Which kube-proxy wrote rules of iptables: those from 1.31 on count with nfacct. */

import { DEFAULT_PROFILE } from '../../profiles/profiles.js';
import { ANY_WRITER, type Writers, writersWhere } from '../writers.js';
import type { Dump } from './syntax/dump.js';

/**
 * Who can have written the chains of kube-proxy. Rules that do not count are also those of a newer
 * one on a kernel without nfacct, whose name says so.
 */
export function writersOf({ tables }: Dump): Writers {
  const forward = tables.get('filter')?.get('KUBE-FORWARD')?.rules ?? [];
  const nodePorts = tables.get('nat')?.get('KUBE-NODEPORTS')?.rules ?? [];
  const all = [...forward, ...nodePorts];
  if (all.some((line) => line.includes(' --nfacct-name ')))
    return writersWhere(({ iptables }) => iptables.nfacct);
  if (!forward.some((line) => line.includes(' --ctstate INVALID '))) return ANY_WRITER;
  const older = writersWhere(({ iptables }) => !iptables.nfacct);
  return { ...older, profiles: [...older.profiles, WITHOUT_NFACCT] };
}

const WITHOUT_NFACCT = {
  ...DEFAULT_PROFILE,
  name: 'a newer one without nfacct',
  iptables: { ...DEFAULT_PROFILE.iptables, nfacct: false },
};
