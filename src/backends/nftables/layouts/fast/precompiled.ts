/** The templates of templates/nftables/fast/ as functions, by scripts/templates. */

import type { FastFrameView } from './frame-view.js';
import type { FastPortView } from './view.js';
import type { SharedView } from './shared-view.js';

export function frame(view: FastFrameView): string {
  let text = '';
  if (view.protocols.length > 0) {
    const start1 = `add map ${view.ip} kube-proxy endpoints-`;
    for (const item1 of view.protocols) {
      text += `${start1}${item1.proto} { typeof ${view.ip} daddr . meta l4proto . ${item1.proto} dport . numgen random mod 65536 : ${view.ip} daddr . ${item1.proto} dport ; comment "endpoints behind addresses, by number" ; }\nadd map ${view.ip} kube-proxy local-endpoints-${item1.proto} { typeof ${view.ip} daddr . meta l4proto . ${item1.proto} dport . numgen random mod 65536 : ${view.ip} daddr . ${item1.proto} dport ; comment "endpoints of this node behind addresses, by number" ; }\nadd map ${view.ip} kube-proxy nodeport-endpoints-${item1.proto} { typeof meta l4proto . ${item1.proto} dport . numgen random mod 65536 : ${view.ip} daddr . ${item1.proto} dport ; comment "endpoints behind node ports, by number" ; }\nadd map ${view.ip} kube-proxy nodeport-local-endpoints-${item1.proto} { typeof meta l4proto . ${item1.proto} dport . numgen random mod 65536 : ${view.ip} daddr . ${item1.proto} dport ; comment "endpoints of this node behind node ports, by number" ; }\n`;
    }
  }
  return text;
}

export function port(view: FastPortView): string {
  let text = '';
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
      text += `${start1}${item1.ip} . ${view.proto} . ${view.port} comment "${view.comment}" : goto ${item1.chain} }\n`;
    }
  }
  if (view.nodePorts.length > 0) {
    const start1 = `add element ${view.ip} kube-proxy service-nodeports { ${view.proto} . `;
    for (const item1 of view.nodePorts) {
      text += `${start1}${item1.nodePort} comment "${view.comment}" : goto ${item1.chain} }\n`;
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
  if (view.numbered.length > 0) {
    for (const item1 of view.numbered) {
      if (item1.endpoints.length > 0) {
        const start2 = `add element ${view.ip} kube-proxy ${item1.map} { ${item1.key} . `;
        for (const item2 of item1.endpoints) {
          text += `${start2}${item2.number} : ${item2.ip} . ${item2.port} }\n`;
        }
      }
    }
  }
  return text;
}

export function shared(view: SharedView): string {
  let text = '';
  text += `add chain ${view.ip} kube-proxy ${view.chain}\n`;
  if (view.pick.length > 0) {
    const start1 = `add rule ${view.ip} kube-proxy ${view.chain} dnat ${view.ip} addr . port to `;
    for (const item1 of view.pick) {
      text += `${start1}${item1.key} . numgen random mod ${item1.size} map @${item1.map}\n`;
      if (item1.again) {
        text += `add rule ${view.ip} kube-proxy ${view.chain} dnat ${view.ip} addr . port to ${item1.key} . numgen random mod 1 map @${item1.map} comment "the number was taken away meanwhile"\n`;
      }
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
  return text;
}
