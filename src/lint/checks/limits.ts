/** Limits of the kernel and its tools that a Service reaches. */

import type { ServicePort } from '../../model/types.js';
import type { NamespacedName, Service } from '../../snapshot/types.js';
import type { CheckGroup, LintInput } from '../input.js';
import { finding, inObject, kep, type LintFinding, type LintRule } from '../rule.js';

const AFFINITY: LintRule = {
  code: 'affinity-list-limit',
  severity: 'note',
  title: 'Session affinity forgets clients',
  why: 'In mode iptables the kernel keeps a list of clients for each endpoint, of 100 unless the parameter ip_list_tot of xt_recent says otherwise; beyond that the client that was quiet the longest is forgotten, long before the timeout. In mode nftables a set holds 65,535 clients, and further ones are not remembered.',
  remedy:
    'load xt_recent with a larger ip_list_tot, use mode nftables, or keep sessions in the application',
  references: [
    [
      'iptables-extensions(8), recent',
      'https://man7.org/linux/man-pages/man8/iptables-extensions.8.html',
    ],
  ],
};

const COMMENT: LintRule = {
  code: 'comment-too-long',
  severity: 'warning',
  title: 'A name is too long for a comment of nft',
  why: 'nft takes comments of 128 bytes at most. kube-proxy 1.36 writes namespace/name:port of a Service into comments in mode nftables and does not cut it, so its transaction is refused, and with it the change of every other Service. vipc cuts the comment.',
  remedy: 'use shorter names for the namespace, the Service or its port, or mode iptables',
  references: [kep(3866)],
};

/** Clients that one list or set remembers, unless the machine says otherwise. */
const LIST_SIZE = { iptables: 100, nftables: 65_535 } as const;
/** Bytes of a comment: no name of a Service port is as long as those of iptables. */
const LONGEST_COMMENT = { iptables: 255, nftables: 128 } as const;

function affinity({ snapshot, models, mode, host }: LintInput): readonly LintFinding[] {
  const sizes = { ...LIST_SIZE, iptables: host?.recentListSize ?? LIST_SIZE.iptables };
  const names = new Set(
    models.flatMap(({ ports }) =>
      ports.flatMap(({ service, affinitySeconds }) => (affinitySeconds > 0 ? service : [])),
    ),
  );
  return [...names].flatMap((name) => {
    const service = snapshot.services.get(name);
    if (service === undefined) return [];
    const message = `at most ${sizes[mode]} clients are remembered for each endpoint and port`;
    return [finding(AFFINITY, message, inObject(service, 'spec.sessionAffinity'))];
  });
}

function comments({ snapshot, models, mode }: LintInput): readonly LintFinding[] {
  const longest = LONGEST_COMMENT[mode];
  const found = new Map<NamespacedName, LintFinding>();
  for (const { ports } of models)
    for (const port of ports) {
      const service = snapshot.services.get(port.service);
      if (service === undefined || port.id.length <= longest) continue;
      found.set(port.service, commentFinding(port, service, longest));
    }
  return [...found.values()];
}

function commentFinding({ id }: ServicePort, service: Service, longest: number): LintFinding {
  return finding(
    COMMENT,
    `${id} has ${id.length} bytes, and a comment of nft at most ${longest}`,
    inObject(service, 'metadata.name'),
  );
}

/** Checks of limits. */
export const LIMIT_CHECKS: CheckGroup = {
  rules: [AFFINITY, COMMENT],
  check: (input) => [...affinity(input), ...comments(input)],
};
