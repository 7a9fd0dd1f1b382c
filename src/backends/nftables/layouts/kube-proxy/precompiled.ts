/** The templates of templates/nftables/kube-proxy/ as functions, by scripts/templates. */

import type { FrameView } from './frame-view.js';
import type { PortView } from './view.js';

export function frame(view: FrameView): string {
  let text = '';
  text += `add chain ${view.ip} kube-proxy filter-prerouting-pre-dnat { type filter hook prerouting priority -110 ; }\nadd chain ${view.ip} kube-proxy filter-output-pre-dnat { type filter hook output priority -110 ; }\nadd chain ${view.ip} kube-proxy filter-input { type filter hook input priority 0 ; }\nadd chain ${view.ip} kube-proxy filter-forward { type filter hook forward priority 0 ; }\nadd chain ${view.ip} kube-proxy filter-output { type filter hook output priority 0 ; }\nadd chain ${view.ip} kube-proxy nat-prerouting { type nat hook prerouting priority -100 ; }\nadd chain ${view.ip} kube-proxy nat-output { type nat hook output priority -100 ; }\nadd chain ${view.ip} kube-proxy nat-postrouting { type nat hook postrouting priority 100 ; }\nadd chain ${view.ip} kube-proxy nodeport-endpoints-check\nadd chain ${view.ip} kube-proxy service-endpoints-check\nadd chain ${view.ip} kube-proxy firewall-check\nadd chain ${view.ip} kube-proxy services\nadd chain ${view.ip} kube-proxy masquerading\nadd chain ${view.ip} kube-proxy cluster-ips-check\nadd chain ${view.ip} kube-proxy reject-chain { comment "helper for @no-endpoint-services / @no-endpoint-nodeports" ; }\nadd set ${view.ip} kube-proxy hairpin-connections { type ${view.addr} . ${view.addr} . inet_proto . inet_service ; comment "service hairpin connections" ; }\nadd set ${view.ip} kube-proxy cluster-ips { type ${view.addr} ; comment "Active ClusterIPs" ; }\n`;
  if (!view.everyNodePortIp) {
    text += `add set ${view.ip} kube-proxy nodeport-ips { type ${view.addr} ; comment "IPs that accept NodePort traffic" ; }\n`;
  }
  text += `add map ${view.ip} kube-proxy no-endpoint-services { type ${view.addr} . inet_proto . inet_service : verdict ; comment "vmap to drop or reject packets to services with no endpoints" ; }\nadd map ${view.ip} kube-proxy no-endpoint-nodeports { type inet_proto . inet_service : verdict ; comment "vmap to drop or reject packets to service nodeports with no endpoints" ; }\n`;
  if (view.checksLoopback) {
    text += `add map ${view.ip} kube-proxy localhost-nodeport-reject-ports { type inet_proto . inet_service : verdict ; comment "localhost NodePorts rejected by kube-proxy" ; }\n`;
  }
  if (view.refusedOnLoopback.length > 0) {
    const start1 = `add counter ${view.ip} kube-proxy localhost-nodeport-rejected-`;
    for (const item1 of view.refusedOnLoopback) {
      text += `${start1}${item1.proto}\nadd chain ${view.ip} kube-proxy localhost-nodeport-reject-${item1.proto}\nadd rule ${view.ip} kube-proxy localhost-nodeport-reject-${item1.proto} counter name "localhost-nodeport-rejected-${item1.proto}" reject\n`;
    }
  }
  text += `add map ${view.ip} kube-proxy firewall-ips { type ${view.addr} . inet_proto . inet_service : verdict ; comment "destinations that are subject to LoadBalancerSourceRanges" ; }\nadd map ${view.ip} kube-proxy service-ips { type ${view.addr} . inet_proto . inet_service : verdict ; comment "ClusterIP, ExternalIP and LoadBalancer IP traffic" ; }\nadd map ${view.ip} kube-proxy service-nodeports { type inet_proto . inet_service : verdict ; comment "NodePort traffic" ; }\n`;
  if (view.nodePortIps.length > 0) {
    const start1 = `add element ${view.ip} kube-proxy nodeport-ips { `;
    for (const item1 of view.nodePortIps) {
      text += `${start1}${item1.ip} }\n`;
    }
  }
  text += `add rule ${view.ip} kube-proxy filter-input ct state new jump nodeport-endpoints-check\nadd rule ${view.ip} kube-proxy filter-input ct state new jump service-endpoints-check\nadd rule ${view.ip} kube-proxy filter-forward ct state new jump service-endpoints-check\nadd rule ${view.ip} kube-proxy filter-forward ct state new jump cluster-ips-check\nadd rule ${view.ip} kube-proxy filter-output ct state new jump service-endpoints-check\nadd rule ${view.ip} kube-proxy filter-output ct state new jump cluster-ips-check\nadd rule ${view.ip} kube-proxy filter-prerouting-pre-dnat ct state new jump firewall-check\nadd rule ${view.ip} kube-proxy filter-output-pre-dnat ct state new jump firewall-check\nadd rule ${view.ip} kube-proxy nat-output jump services\nadd rule ${view.ip} kube-proxy nat-prerouting jump services\nadd rule ${view.ip} kube-proxy nat-postrouting jump masquerading\nadd rule ${view.ip} kube-proxy masquerading mark and ${view.mark} != 0 mark set mark xor ${view.mark} masquerade fully-random\nadd rule ${view.ip} kube-proxy masquerading ct status dnat ${view.ip} saddr . ${view.ip} daddr . meta l4proto . th dport @hairpin-connections masquerade fully-random\nadd rule ${view.ip} kube-proxy cluster-ips-check ${view.ip} daddr @cluster-ips reject comment "Reject traffic to invalid ports of ClusterIPs"\n`;
  if (view.unallocated.length > 0) {
    const start1 = `add rule ${view.ip} kube-proxy cluster-ips-check ${view.ip} daddr `;
    for (const item1 of view.unallocated) {
      text += `${start1}${item1.networks} drop comment "Drop traffic to unallocated ClusterIPs"\n`;
    }
  }
  text += `add rule ${view.ip} kube-proxy reject-chain reject\nadd rule ${view.ip} kube-proxy service-endpoints-check ${view.ip} daddr . meta l4proto . th dport vmap @no-endpoint-services\n`;
  if (view.everyNodePortIp) {
    text += `add rule ${view.ip} kube-proxy nodeport-endpoints-check ${view.ip} daddr != ${view.loopback} meta l4proto . th dport vmap @no-endpoint-nodeports\n`;
  } else {
    text += `add rule ${view.ip} kube-proxy nodeport-endpoints-check ${view.ip} daddr @nodeport-ips meta l4proto . th dport vmap @no-endpoint-nodeports\n`;
  }
  if (view.checksLoopback) {
    text += `add rule ${view.ip} kube-proxy nodeport-endpoints-check ${view.ip} daddr ${view.loopback} meta l4proto . th dport vmap @localhost-nodeport-reject-ports\n`;
  }
  text += `add rule ${view.ip} kube-proxy firewall-check ${view.ip} daddr . meta l4proto . th dport vmap @firewall-ips\n`;
  if (view.masqueradeAll) {
    text += `add rule ${view.ip} kube-proxy services ${view.ip} daddr @cluster-ips mark set mark or ${view.mark} comment "masquerade all clusterIP traffic"\n`;
  }
  if (view.notLocal.length > 0) {
    const start1 = `add rule ${view.ip} kube-proxy services ${view.ip} daddr @cluster-ips `;
    for (const item1 of view.notLocal) {
      text += `${start1}${item1.match} mark set mark or ${view.mark} comment "masquerade clusterIP traffic from outside cluster"\n`;
    }
  }
  text += `add rule ${view.ip} kube-proxy services ${view.ip} daddr . meta l4proto . th dport vmap @service-ips\n`;
  if (view.everyNodePortIp) {
    text += `add rule ${view.ip} kube-proxy services fib daddr type local ${view.ip} daddr != ${view.loopback} meta l4proto . th dport vmap @service-nodeports\n`;
  } else {
    text += `add rule ${view.ip} kube-proxy services ${view.ip} daddr @nodeport-ips meta l4proto . th dport vmap @service-nodeports\n`;
  }
  return text;
}

export function port(view: PortView): string {
  let text = '';
  if (view.chains.length > 0) {
    const start1 = `add chain ${view.ip} kube-proxy `;
    for (const item1 of view.chains) {
      text += `${start1}${item1.chain}\n`;
    }
  }
  if (view.chained.length > 0) {
    const start1 = `add chain ${view.ip} kube-proxy endpoint-`;
    for (const item1 of view.chained) {
      text += `${start1}${item1.base}\n`;
    }
  }
  if (view.chained.length > 0) {
    const start1 = `add set ${view.ip} kube-proxy affinity-`;
    for (const item1 of view.chained) {
      text += `${start1}${item1.base} { type ${view.addr} ; flags dynamic,timeout ; timeout ${view.affinitySeconds}s ; }\n`;
    }
  }
  if (view.hairpins.length > 0) {
    const start1 = `add element ${view.ip} kube-proxy hairpin-connections { `;
    for (const item1 of view.hairpins) {
      text += `${start1}${item1.ip} . ${item1.ip} . ${view.proto} . ${item1.port} }\n`;
    }
  }
  if (view.activeIps.length > 0) {
    const start1 = `add element ${view.ip} kube-proxy cluster-ips { `;
    for (const item1 of view.activeIps) {
      text += `${start1}${item1.ip} }\n`;
    }
  }
  if (view.services.length > 0) {
    const start1 = `add element ${view.ip} kube-proxy service-ips { `;
    for (const item1 of view.services) {
      text += `${start1}${item1.ip} . ${view.proto} . ${view.port} : goto ${item1.chain} }\n`;
    }
  }
  if (view.nodePorts.length > 0) {
    const start1 = `add element ${view.ip} kube-proxy service-nodeports { ${view.proto} . `;
    for (const item1 of view.nodePorts) {
      text += `${start1}${item1.nodePort} : goto ${item1.chain} }\n`;
    }
  }
  if (view.firewalled.length > 0) {
    const start1 = `add element ${view.ip} kube-proxy firewall-ips { `;
    for (const item1 of view.firewalled) {
      text += `${start1}${item1.ip} . ${view.proto} . ${view.port} : goto ${item1.chain} }\n`;
    }
  }
  if (view.refused.length > 0) {
    const start1 = `add element ${view.ip} kube-proxy no-endpoint-services { `;
    for (const item1 of view.refused) {
      text += `${start1}${item1.ip} . ${view.proto} . ${view.port} comment "${view.comment}" : ${item1.verdict} }\n`;
    }
  }
  if (view.refusedNodePorts.length > 0) {
    const start1 = `add element ${view.ip} kube-proxy no-endpoint-nodeports { ${view.proto} . `;
    for (const item1 of view.refusedNodePorts) {
      text += `${start1}${item1.nodePort} comment "${view.comment}" : ${item1.verdict} }\n`;
    }
  }
  if (view.refusedOnLoopback.length > 0) {
    const start1 = `add element ${view.ip} kube-proxy localhost-nodeport-reject-ports { ${view.proto} . `;
    for (const item1 of view.refusedOnLoopback) {
      text += `${start1}${item1.nodePort} : goto localhost-nodeport-reject-${view.proto} }\n`;
    }
  }
  if (view.externalClusterPolicy.length > 0) {
    const start1 = `add rule ${view.ip} kube-proxy `;
    for (const item1 of view.externalClusterPolicy) {
      text += `${start1}${item1.chain} mark set mark or ${view.mark} comment "masquerade"\n`;
    }
  }
  if (view.externalLocalPolicy.length > 0) {
    for (const item1 of view.externalLocalPolicy) {
      if (item1.fromPod) {
        text += `add rule ${view.ip} kube-proxy ${item1.chain} ${item1.fromPod} goto ${item1.clusterChain} comment "short-circuit pod traffic"\n`;
      }
      text += `add rule ${view.ip} kube-proxy ${item1.chain} fib saddr type local mark set mark or ${view.mark} comment "masquerade local traffic"\nadd rule ${view.ip} kube-proxy ${item1.chain} fib saddr type local goto ${item1.clusterChain} comment "short-circuit local traffic"\n`;
    }
  }
  if (view.externalPools.length > 0) {
    const start1 = `add rule ${view.ip} kube-proxy `;
    for (const item1 of view.externalPools) {
      text += `${start1}${item1.chain} goto ${item1.pool}\n`;
    }
  }
  if (view.firewall.length > 0) {
    const start1 = `add rule ${view.ip} kube-proxy `;
    for (const item1 of view.firewall) {
      text += `${start1}${item1.chain} ${view.ip} saddr != ${item1.sources} drop\n`;
    }
  }
  if (view.pools.length > 0) {
    for (const item1 of view.pools) {
      if (view.affinitySeconds) {
        if (item1.endpoints.length > 0) {
          const start2 = `add rule ${view.ip} kube-proxy ${item1.chain} ${view.ip} saddr @affinity-`;
          for (const item2 of item1.endpoints) {
            text += `${start2}${item2.base} goto endpoint-${item2.base}\n`;
          }
        }
        text += `add rule ${view.ip} kube-proxy ${item1.chain} numgen random mod ${item1.size} vmap { ${item1.choices} }\n`;
      } else {
        if (item1.single) {
          text += `add rule ${view.ip} kube-proxy ${item1.chain} meta l4proto ${view.proto} dnat to ${item1.single}\n`;
        } else {
          text += `add rule ${view.ip} kube-proxy ${item1.chain} meta l4proto ${view.proto} dnat ${view.ip} addr . port to numgen random mod ${item1.size} map { ${item1.choices} }\n`;
        }
      }
    }
  }
  if (view.chained.length > 0) {
    const start1 = `add rule ${view.ip} kube-proxy endpoint-`;
    for (const item1 of view.chained) {
      text += `${start1}${item1.base} update @affinity-${item1.base} { ${view.ip} saddr }\nadd rule ${view.ip} kube-proxy endpoint-${item1.base} meta l4proto ${view.proto} dnat to ${item1.target}\n`;
    }
  }
  return text;
}
