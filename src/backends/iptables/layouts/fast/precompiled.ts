/** The templates of templates/iptables/fast/ as functions, by scripts/templates. */

import type { FastFrameView } from './frame-view.js';
import type { FastPortView } from './view.js';
import type { BranchView } from '../../dispatch/arrange.js';

export function frame(view: FastFrameView): string {
  let text = '';
  text += `*nat\n-A KUBE-POSTROUTING -m mark ! --mark ${view.mark}/${view.mark} -m conntrack --ctstate DNAT -m comment --comment "kubernetes service hairpin traffic" -m bpf --bytecode "${view.hairpinProgram}" -j MASQUERADE --random-fully\n`;
  return text;
}

export function port(view: FastPortView): string {
  let text = '';
  if (view.direct.length > 0) {
    for (const item1 of view.direct) {
      text += `-A ${item1.parent} -d ${item1.host} -p ${view.proto} -m comment --comment "${view.id} ${item1.words}" -m ${view.proto} --dport ${view.port} -j DNAT --to-destination ${item1.destination}\n`;
    }
  }
  if (view.remembered.length > 0) {
    for (const item1 of view.remembered) {
      text += `-A ${item1.chain} -p ${view.proto} `;
      if (view.comments) {
        text += `-m comment --comment "${view.id} -> ${item1.target}" `;
      }
      text += `-m recent --rcheck --seconds ${view.affinitySeconds} --reap --name ${item1.list} --mask ${view.hostMask} --rsource -m recent --set --name ${item1.list} --mask ${view.hostMask} --rsource -j DNAT --to-destination ${item1.destination}\n`;
    }
  }
  if (view.draws.length > 0) {
    for (const item1 of view.draws) {
      if (item1.parts.length > 0) {
        const start2 = `-A ${item1.chain} `;
        for (const item2 of item1.parts) {
          text += `${start2}`;
          if (view.comments) {
            text += `-m comment --comment "${view.id}" `;
          }
          if (item2.probability) {
            text += `-m statistic --mode random --probability ${item2.probability} `;
          }
          text += `-g ${item2.chain}\n`;
        }
      }
      if (item1.endpoints.length > 0) {
        const start2 = `-A ${item1.chain} -p ${view.proto} `;
        for (const item2 of item1.endpoints) {
          text += `${start2}`;
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
  if (view.nodes.length > 0) {
    for (const item1 of view.nodes) {
      text += `:${item1.chain} - [0:0]\n`;
    }
  }
  if (view.nodes.length > 0) {
    const start1 = `-A ${view.chain} `;
    for (const item1 of view.nodes) {
      text += `${start1}`;
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
  }
  return text;
}
