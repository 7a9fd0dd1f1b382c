/** The templates of templates/iptables/kube-proxy/ as functions, by scripts/templates. */

import type { FrameView } from './frame-view.js';
import type { PortView } from './view.js';

export function frame(view: FrameView): string {
  let text = '';
  text += `*mangle\n:KUBE-PROXY-CANARY - [0:0]\n*filter\n:KUBE-EXTERNAL-SERVICES - [0:0]\n:KUBE-FIREWALL - [0:0]\n:KUBE-FORWARD - [0:0]\n:KUBE-NODEPORTS - [0:0]\n:KUBE-PROXY-CANARY - [0:0]\n:KUBE-PROXY-FIREWALL - [0:0]\n:KUBE-SERVICES - [0:0]\n-A INPUT -j KUBE-FIREWALL\n-A INPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL\n-A INPUT -m comment --comment "kubernetes health check service ports" -j KUBE-NODEPORTS\n-A INPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES\n-A FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL\n-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD\n-A FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES\n-A FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES\n-A OUTPUT -j KUBE-FIREWALL\n-A OUTPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL\n-A OUTPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES\n`;
  if (view.localhostNodePorts) {
    text += `-A KUBE-FIREWALL ! -s 127.0.0.0/8 -d 127.0.0.0/8 -m comment --comment "block incoming localnet connections" -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP\n`;
  }
  if (view.dropInvalid) {
    text += `-A KUBE-FORWARD -m conntrack --ctstate INVALID `;
    if (view.nfacct) {
      text += `-m nfacct --nfacct-name ct_state_invalid_dropped_pkts `;
    }
    text += `-j DROP\n`;
  }
  text += `-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark ${view.mark}/${view.mark} -j ACCEPT\n-A KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n*nat\n:KUBE-MARK-MASQ - [0:0]\n:KUBE-NODEPORTS - [0:0]\n:KUBE-POSTROUTING - [0:0]\n:KUBE-PROXY-CANARY - [0:0]\n:KUBE-SERVICES - [0:0]\n-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES\n-A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES\n-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING\n-A KUBE-MARK-MASQ -j MARK --set-xmark ${view.mark}/${view.mark}\n-A KUBE-POSTROUTING -m mark ! --mark ${view.mark}/${view.mark} -j RETURN\n-A KUBE-POSTROUTING -j MARK --set-xmark ${view.mark}/0x0\n-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully\n`;
  return text;
}

export function port(view: PortView): string {
  let text = '';
  text += `*filter\n`;
  if (view.rejectedIps.length > 0) {
    for (const item1 of view.rejectedIps) {
      text += `-A ${item1.parent} -d ${item1.host} -p ${view.proto} -m comment --comment "${view.id} has no endpoints" -m ${view.proto} --dport ${view.port} -j REJECT --reject-with ${view.unreachable}\n`;
    }
  }
  if (view.rejectedNodePorts.length > 0) {
    for (const item1 of view.rejectedNodePorts) {
      text += `-A ${item1.parent} -p ${view.proto} -m comment --comment "${view.id} has no endpoints" -m addrtype --dst-type LOCAL -m ${view.proto} --dport ${item1.nodePort} -j REJECT --reject-with ${view.unreachable}\n`;
    }
  }
  if (view.droppedIps.length > 0) {
    for (const item1 of view.droppedIps) {
      text += `-A ${item1.parent} -d ${item1.host} -p ${view.proto} -m comment --comment "${view.id} has no local endpoints" -m ${view.proto} --dport ${view.port} -j DROP\n`;
    }
  }
  if (view.droppedNodePorts.length > 0) {
    for (const item1 of view.droppedNodePorts) {
      text += `-A ${item1.parent} -p ${view.proto} -m comment --comment "${view.id} has no local endpoints" -m addrtype --dst-type LOCAL -m ${view.proto} --dport ${item1.nodePort} -j DROP\n`;
    }
  }
  if (view.firewall.length > 0) {
    for (const item1 of view.firewall) {
      if (item1.hosts.length > 0) {
        for (const item2 of item1.hosts) {
          text += `-A ${item2.parent} -d ${item2.host} -p ${view.proto} -m comment --comment "${view.id} traffic not accepted by ${item1.chain}" -m ${view.proto} --dport ${view.port} -j DROP\n`;
        }
      }
    }
  }
  if (view.healthCheckNodePorts.length > 0) {
    for (const item1 of view.healthCheckNodePorts) {
      text += `-A ${item1.parent} -p tcp -m comment --comment "${view.id} health check node port" -m tcp --dport ${item1.nodePort} -j ACCEPT\n`;
    }
  }
  text += `*nat\n`;
  if (view.chains.length > 0) {
    for (const item1 of view.chains) {
      text += `:${item1.chain} - [0:0]\n`;
    }
  }
  if (view.clusterIps.length > 0) {
    for (const item1 of view.clusterIps) {
      text += `-A ${item1.parent} -d ${item1.host} -p ${view.proto} -m comment --comment "${view.id} cluster IP" -m ${view.proto} --dport ${view.port} -j ${item1.chain}\n`;
    }
  }
  if (view.externalIps.length > 0) {
    for (const item1 of view.externalIps) {
      text += `-A ${item1.parent} -d ${item1.host} -p ${view.proto} -m comment --comment "${view.id} external IP" -m ${view.proto} --dport ${view.port} -j ${item1.chain}\n`;
    }
  }
  if (view.loadBalancerIps.length > 0) {
    for (const item1 of view.loadBalancerIps) {
      text += `-A ${item1.parent} -d ${item1.host} -p ${view.proto} -m comment --comment "${view.id} loadbalancer IP" -m ${view.proto} --dport ${view.port} -j ${item1.chain}\n`;
    }
  }
  if (view.nodePorts.length > 0) {
    for (const item1 of view.nodePorts) {
      if (item1.countLocalhost) {
        text += `-A ${item1.parent} -d 127.0.0.0/8 -p ${view.proto} -m comment --comment "${view.id}" -m ${view.proto} --dport ${item1.nodePort} -m nfacct --nfacct-name localhost_nps_accepted_pkts -j ${item1.chain}\n`;
      }
      text += `-A ${item1.parent} -p ${view.proto} -m comment --comment "${view.id}" -m ${view.proto} --dport ${item1.nodePort} -j ${item1.chain}\n`;
    }
  }
  if (view.masquerades.length > 0) {
    for (const item1 of view.masquerades) {
      text += `-A ${item1.chain} `;
      if (item1.notFrom) {
        text += `${item1.notFrom} `;
      }
      text += `-d ${item1.host} `;
      if (item1.notIn) {
        text += `${item1.notIn} `;
      }
      text += `-p ${view.proto} -m comment --comment "${view.id} cluster IP" -m ${view.proto} --dport ${view.port} -j KUBE-MARK-MASQ\n`;
    }
  }
  if (view.externalClusterPolicy.length > 0) {
    for (const item1 of view.externalClusterPolicy) {
      text += `-A ${item1.chain} -m comment --comment "masquerade traffic for ${view.id} external destinations" -j KUBE-MARK-MASQ\n`;
    }
  }
  if (view.externalLocalPolicy.length > 0) {
    for (const item1 of view.externalLocalPolicy) {
      if (item1.fromPod) {
        text += `-A ${item1.chain} ${item1.fromPod} -m comment --comment "pod traffic for ${view.id} external destinations" -j ${item1.clusterChain}\n`;
      }
      text += `-A ${item1.chain} -m comment --comment "masquerade LOCAL traffic for ${view.id} external destinations" -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ\n-A ${item1.chain} -m comment --comment "route LOCAL traffic for ${view.id} external destinations" -m addrtype --src-type LOCAL -j ${item1.clusterChain}\n`;
    }
  }
  if (view.externalPools.length > 0) {
    for (const item1 of view.externalPools) {
      text += `-A ${item1.chain} -j ${item1.pool}\n`;
    }
  }
  if (view.firewall.length > 0) {
    for (const item1 of view.firewall) {
      if (item1.sources.length > 0) {
        const start2 = `-A ${item1.chain} -s `;
        for (const item2 of item1.sources) {
          text += `${start2}${item2.source} -m comment --comment "${view.id} loadbalancer IP" -j ${item1.externalChain}\n`;
        }
      }
      text += `-A ${item1.chain} -m comment --comment "other traffic to ${view.id} will be dropped by KUBE-PROXY-FIREWALL"\n`;
    }
  }
  if (view.pools.length > 0) {
    for (const item1 of view.pools) {
      if (view.affinitySeconds) {
        if (item1.endpoints.length > 0) {
          const start2 = `-A ${item1.chain} `;
          for (const item2 of item1.endpoints) {
            text += `${start2}`;
            if (view.comments) {
              text += `-m comment --comment "${view.id} -> ${item2.target}" `;
            }
            text += `-m recent --rcheck --seconds ${view.affinitySeconds} --reap --name ${item2.chain} --mask ${view.hostMask} --rsource -j ${item2.chain}\n`;
          }
        }
      }
      if (item1.endpoints.length > 0) {
        const start2 = `-A ${item1.chain} `;
        for (const item2 of item1.endpoints) {
          text += `${start2}`;
          if (view.comments) {
            text += `-m comment --comment "${view.id} -> ${item2.target}" `;
          }
          if (item2.probability) {
            text += `-m statistic --mode random --probability ${item2.probability} `;
          }
          text += `-j ${item2.chain}\n`;
        }
      }
    }
  }
  if (view.endpoints.length > 0) {
    for (const item1 of view.endpoints) {
      text += `-A ${item1.chain} -s ${item1.host} `;
      if (view.comments) {
        text += `-m comment --comment "${view.id}" `;
      }
      text += `-j KUBE-MARK-MASQ\n-A ${item1.chain} -p ${view.proto} `;
      if (view.comments) {
        text += `-m comment --comment "${view.id}" `;
      }
      if (view.affinitySeconds) {
        text += `-m recent --set --name ${item1.chain} --mask ${view.hostMask} --rsource `;
      }
      text += `-m ${view.proto} -j DNAT --to-destination ${item1.destination}\n`;
    }
  }
  return text;
}

export function tail(view: FrameView): string {
  let text = '';
  text += `*nat\n`;
  if (view.localNodePorts.length > 0) {
    for (const item1 of view.localNodePorts) {
      text += `-A KUBE-SERVICES `;
      if (item1.except) {
        text += `! -d ${item1.except} `;
      }
      text += `-m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS\n`;
    }
  }
  if (view.listedNodePorts.length > 0) {
    for (const item1 of view.listedNodePorts) {
      text += `-A KUBE-SERVICES -d ${item1.host} -m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain" -j KUBE-NODEPORTS\n`;
    }
  }
  return text;
}
