/** The templates of templates/iptables/fast/ as functions, by scripts/templates. */

import type { FastFrameView } from './frame-view.js';
import type { FastPortView } from './view.js';
import type { BranchView } from '../../dispatch/arrange.js';
import type { PortView } from '../kube-proxy/view.js';

export function frame(view: FastFrameView): string {
  let text = '';
  text += `*nat\n-A KUBE-POSTROUTING -m mark ! --mark ${view.mark}/${view.mark} -m conntrack --ctstate DNAT -m comment --comment "kubernetes service hairpin traffic" -m bpf --bytecode "${view.hairpinProgram}" -j MASQUERADE --random-fully\n`;
  return text;
}

export function port(view: FastPortView): string {
  let text = '';
  for (const item1 of view.direct) {
    text += `-A ${item1.parent} -d ${item1.host} -p ${view.proto} -m comment --comment "${view.id} ${item1.words}" -m ${view.proto} --dport ${view.port} -j DNAT --to-destination ${item1.destination}\n`;
  }
  for (const item1 of view.remembered) {
    text += `-A ${item1.chain} -p ${view.proto} `;
    if (view.comments) {
      text += `-m comment --comment "${view.id} -> ${item1.target}" `;
    }
    text += `-m recent --rcheck --seconds ${view.affinitySeconds} --reap --name ${item1.list} --mask ${view.hostMask} --rsource -m recent --set --name ${item1.list} --mask ${view.hostMask} --rsource -j DNAT --to-destination ${item1.destination}\n`;
  }
  for (const item1 of view.draws) {
    for (const item2 of item1.parts) {
      text += `-A ${item1.chain} `;
      if (view.comments) {
        text += `-m comment --comment "${view.id}" `;
      }
      if (item2.probability) {
        text += `-m statistic --mode random --probability ${item2.probability} `;
      }
      text += `-g ${item2.chain}\n`;
    }
    for (const item2 of item1.endpoints) {
      text += `-A ${item1.chain} -p ${view.proto} `;
      if (view.comments) {
        text += `-m comment --comment "${view.id} -> ${item2.target}" `;
      }
      if (item2.probability) {
        text += `-m statistic --mode random --probability ${item2.probability} `;
      }
      if (view.affinitySeconds) {
        text += `-m recent --set --name ${item2.list} --mask ${view.hostMask} --rsource `;
      }
      text += `-j DNAT --to-destination ${item2.destination}\n`;
    }
  }
  return text;
}

export function tail(view: FastFrameView): string {
  let text = '';
  text += `*filter\n-A KUBE-FORWARD -m conntrack --ctstate DNAT -m comment --comment "kubernetes service hairpin traffic" -m bpf --bytecode "${view.hairpinProgram}" -j ACCEPT\n`;
  return text;
}

export function shared(view: BranchView): string {
  let text = '';
  text += `*${view.table}\n`;
  for (const item1 of view.nodes) {
    text += `:${item1.chain} - [0:0]\n`;
  }
  for (const item1 of view.nodes) {
    text += `-A ${view.chain} `;
    if (item1.network) {
      text += `-d ${item1.network} `;
    }
    if (item1.proto) {
      text += `-p ${item1.proto} `;
    }
    if (item1.ports) {
      text += `-m ${item1.proto} --dport ${item1.ports} `;
    }
    text += `${view.lead} ${item1.chain}\n`;
  }
  return text;
}

export function placed(view: PortView): string {
  let text = '';
  text += `*filter\n`;
  for (const item1 of view.rejectedIps) {
    text += `-A ${item1.parent} -d ${item1.host} -p ${view.proto} -m comment --comment "${view.id} has no endpoints" -m ${view.proto} --dport ${view.port} -j REJECT --reject-with ${view.unreachable}\n`;
  }
  for (const item1 of view.rejectedNodePorts) {
    text += `-A ${item1.parent} -p ${view.proto} -m comment --comment "${view.id} has no endpoints" -m addrtype --dst-type LOCAL -m ${view.proto} --dport ${item1.nodePort} -j REJECT --reject-with ${view.unreachable}\n`;
  }
  for (const item1 of view.droppedIps) {
    text += `-A ${item1.parent} -d ${item1.host} -p ${view.proto} -m comment --comment "${view.id} has no local endpoints" -m ${view.proto} --dport ${view.port} -j DROP\n`;
  }
  for (const item1 of view.droppedNodePorts) {
    text += `-A ${item1.parent} -p ${view.proto} -m comment --comment "${view.id} has no local endpoints" -m addrtype --dst-type LOCAL -m ${view.proto} --dport ${item1.nodePort} -j DROP\n`;
  }
  for (const item1 of view.firewall) {
    for (const item2 of item1.hosts) {
      text += `-A ${item2.parent} -d ${item2.host} -p ${view.proto} -m comment --comment "${view.id} traffic not accepted by ${item1.chain}" -m ${view.proto} --dport ${view.port} -j DROP\n`;
    }
  }
  for (const item1 of view.healthCheckNodePorts) {
    text += `-A ${item1.parent} -p tcp -m comment --comment "${view.id} health check node port" -m tcp --dport ${item1.nodePort} -j ACCEPT\n`;
  }
  text += `*nat\n`;
  for (const item1 of view.chains) {
    text += `:${item1.chain} - [0:0]\n`;
  }
  for (const item1 of view.clusterIps) {
    text += `-A ${item1.parent} -d ${item1.host} -p ${view.proto} -m comment --comment "${view.id} cluster IP" -m ${view.proto} --dport ${view.port} -j ${item1.chain}\n`;
  }
  for (const item1 of view.externalIps) {
    text += `-A ${item1.parent} -d ${item1.host} -p ${view.proto} -m comment --comment "${view.id} external IP" -m ${view.proto} --dport ${view.port} -j ${item1.chain}\n`;
  }
  for (const item1 of view.loadBalancerIps) {
    text += `-A ${item1.parent} -d ${item1.host} -p ${view.proto} -m comment --comment "${view.id} loadbalancer IP" -m ${view.proto} --dport ${view.port} -j ${item1.chain}\n`;
  }
  for (const item1 of view.nodePorts) {
    if (item1.countLocalhost) {
      text += `-A ${item1.parent} -d 127.0.0.0/8 -p ${view.proto} -m comment --comment "${view.id}" -m ${view.proto} --dport ${item1.nodePort} -m nfacct --nfacct-name localhost_nps_accepted_pkts -j ${item1.chain}\n`;
    }
    text += `-A ${item1.parent} -p ${view.proto} -m comment --comment "${view.id}" -m ${view.proto} --dport ${item1.nodePort} -j ${item1.chain}\n`;
  }
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
  for (const item1 of view.externalClusterPolicy) {
    text += `-A ${item1.chain} -m comment --comment "masquerade traffic for ${view.id} external destinations" -j KUBE-MARK-MASQ\n`;
  }
  for (const item1 of view.externalLocalPolicy) {
    if (item1.fromPod) {
      text += `-A ${item1.chain} ${item1.fromPod} -m comment --comment "pod traffic for ${view.id} external destinations" -j ${item1.clusterChain}\n`;
    }
    text += `-A ${item1.chain} -m comment --comment "masquerade LOCAL traffic for ${view.id} external destinations" -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ\n-A ${item1.chain} -m comment --comment "route LOCAL traffic for ${view.id} external destinations" -m addrtype --src-type LOCAL -j ${item1.clusterChain}\n`;
  }
  for (const item1 of view.externalPools) {
    text += `-A ${item1.chain} -j ${item1.pool}\n`;
  }
  for (const item1 of view.firewall) {
    for (const item2 of item1.sources) {
      text += `-A ${item1.chain} -s ${item2.source} -m comment --comment "${view.id} loadbalancer IP" -j ${item1.externalChain}\n`;
    }
    text += `-A ${item1.chain} -m comment --comment "other traffic to ${view.id} will be dropped by KUBE-PROXY-FIREWALL"\n`;
  }
  for (const item1 of view.pools) {
    if (view.affinitySeconds) {
      for (const item2 of item1.endpoints) {
        text += `-A ${item1.chain} `;
        if (view.comments) {
          text += `-m comment --comment "${view.id} -> ${item2.target}" `;
        }
        text += `-m recent --rcheck --seconds ${view.affinitySeconds} --reap --name ${item2.chain} --mask ${view.hostMask} --rsource -j ${item2.chain}\n`;
      }
    }
    for (const item2 of item1.endpoints) {
      text += `-A ${item1.chain} `;
      if (view.comments) {
        text += `-m comment --comment "${view.id} -> ${item2.target}" `;
      }
      if (item2.probability) {
        text += `-m statistic --mode random --probability ${item2.probability} `;
      }
      text += `-j ${item2.chain}\n`;
    }
  }
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
  return text;
}
