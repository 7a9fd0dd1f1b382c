/** The templates of templates/nftables/fast/ as functions, by scripts/templates. */

import type { FastFrameView } from './frame-view.js';
import type { FastPortView } from './view.js';
import type { SharedView } from './shared-view.js';

export function frame(view: FastFrameView): string {
  let text = '';
  for (const item1 of view.protocols) {
    text += `add map ${view.ip} kube-proxy endpoints-${item1.proto} { typeof ${view.ip} daddr . meta l4proto . ${item1.proto} dport . numgen random mod 65536 : ${view.ip} daddr . ${item1.proto} dport ; comment "endpoints behind addresses, by number" ; }\nadd map ${view.ip} kube-proxy local-endpoints-${item1.proto} { typeof ${view.ip} daddr . meta l4proto . ${item1.proto} dport . numgen random mod 65536 : ${view.ip} daddr . ${item1.proto} dport ; comment "endpoints of this node behind addresses, by number" ; }\nadd map ${view.ip} kube-proxy nodeport-endpoints-${item1.proto} { typeof meta l4proto . ${item1.proto} dport . numgen random mod 65536 : ${view.ip} daddr . ${item1.proto} dport ; comment "endpoints behind node ports, by number" ; }\nadd map ${view.ip} kube-proxy nodeport-local-endpoints-${item1.proto} { typeof meta l4proto . ${item1.proto} dport . numgen random mod 65536 : ${view.ip} daddr . ${item1.proto} dport ; comment "endpoints of this node behind node ports, by number" ; }\n`;
  }
  return text;
}

export function port(view: FastPortView): string {
  let text = '';
  for (const item1 of view.hairpins) {
    text += `add element ${view.ip} kube-proxy hairpin-connections { ${item1.ip} . ${item1.ip} . ${view.proto} . ${item1.port} }\n`;
  }
  for (const item1 of view.activeIps) {
    text += `add element ${view.ip} kube-proxy cluster-ips { ${item1.ip} }\n`;
  }
  for (const item1 of view.services) {
    text += `add element ${view.ip} kube-proxy service-ips { ${item1.ip} . ${view.proto} . ${view.port} comment "${view.comment}" : goto ${item1.chain} }\n`;
  }
  for (const item1 of view.nodePorts) {
    text += `add element ${view.ip} kube-proxy service-nodeports { ${view.proto} . ${item1.nodePort} comment "${view.comment}" : goto ${item1.chain} }\n`;
  }
  for (const item1 of view.refused) {
    text += `add element ${view.ip} kube-proxy no-endpoint-services { ${item1.ip} . ${view.proto} . ${view.port} comment "${view.comment}" : ${item1.verdict} }\n`;
  }
  for (const item1 of view.refusedNodePorts) {
    text += `add element ${view.ip} kube-proxy no-endpoint-nodeports { ${view.proto} . ${item1.nodePort} comment "${view.comment}" : ${item1.verdict} }\n`;
  }
  for (const item1 of view.numbered) {
    {
      const start2 = `add element ${view.ip} kube-proxy ${item1.map} { ${item1.key} . `;
      for (const item2 of item1.endpoints) {
        text += `${start2}${item2.number} : ${item2.ip} . ${item2.port} }\n`;
      }
    }
  }
  return text;
}

export function shared(view: SharedView): string {
  let text = '';
  text += `add chain ${view.ip} kube-proxy ${view.chain}\n`;
  for (const item1 of view.pick) {
    text += `add rule ${view.ip} kube-proxy ${view.chain} dnat ${view.ip} addr . port to ${item1.key} . numgen random mod ${item1.size} map @${item1.map}\n`;
    if (item1.again) {
      text += `add rule ${view.ip} kube-proxy ${view.chain} dnat ${view.ip} addr . port to ${item1.key} . numgen random mod 1 map @${item1.map} comment "the number was taken away meanwhile"\n`;
    }
  }
  for (const item1 of view.externalClusterPolicy) {
    text += `add rule ${view.ip} kube-proxy ${item1.chain} mark set mark or ${view.mark} comment "masquerade"\n`;
  }
  for (const item1 of view.externalLocalPolicy) {
    if (item1.fromPod) {
      text += `add rule ${view.ip} kube-proxy ${item1.chain} ${item1.fromPod} goto ${item1.clusterChain} comment "short-circuit pod traffic"\n`;
    }
    text += `add rule ${view.ip} kube-proxy ${item1.chain} fib saddr type local mark set mark or ${view.mark} comment "masquerade local traffic"\nadd rule ${view.ip} kube-proxy ${item1.chain} fib saddr type local goto ${item1.clusterChain} comment "short-circuit local traffic"\n`;
  }
  for (const item1 of view.externalPools) {
    text += `add rule ${view.ip} kube-proxy ${item1.chain} goto ${item1.pool}\n`;
  }
  return text;
}
