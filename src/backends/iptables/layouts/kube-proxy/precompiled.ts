/** The templates of templates/iptables/kube-proxy/, precompiled by scripts/templates. */

// @ts-nocheck

import type { PrecompiledTemplate } from '../../../templates.js';

export const frame: PrecompiledTemplate = {"0":function(container,depth0,helpers,partials,data) {
    return "-A KUBE-FIREWALL ! -s 127.0.0.0/8 -d 127.0.0.0/8 -m comment --comment \"block incoming localnet connections\" -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP\n";
},"1":function(container,depth0,helpers,partials,data) {
    var stack1, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "-A KUBE-FORWARD -m conntrack --ctstate INVALID "
    + ((stack1 = lookupProperty(helpers,"if").call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(depth0,"nfacct"),{"name":"if","hash":{},"fn":container.program(2, data, 0),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + "-j DROP\n";
},"2":function(container,depth0,helpers,partials,data) {
    return "-m nfacct --nfacct-name ct_state_invalid_dropped_pkts ";
},"compiler":[8,">= 4.3.0"],"main":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=depth0 != null ? depth0 : (container.nullContext || {}), alias2=container.strict, alias3=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "*mangle\n:KUBE-PROXY-CANARY - [0:0]\n*filter\n:KUBE-EXTERNAL-SERVICES - [0:0]\n:KUBE-FIREWALL - [0:0]\n:KUBE-FORWARD - [0:0]\n:KUBE-NODEPORTS - [0:0]\n:KUBE-PROXY-CANARY - [0:0]\n:KUBE-PROXY-FIREWALL - [0:0]\n:KUBE-SERVICES - [0:0]\n-A INPUT -j KUBE-FIREWALL\n-A INPUT -m conntrack --ctstate NEW -m comment --comment \"kubernetes load balancer firewall\" -j KUBE-PROXY-FIREWALL\n-A INPUT -m comment --comment \"kubernetes health check service ports\" -j KUBE-NODEPORTS\n-A INPUT -m conntrack --ctstate NEW -m comment --comment \"kubernetes externally-visible service portals\" -j KUBE-EXTERNAL-SERVICES\n-A FORWARD -m conntrack --ctstate NEW -m comment --comment \"kubernetes load balancer firewall\" -j KUBE-PROXY-FIREWALL\n-A FORWARD -m comment --comment \"kubernetes forwarding rules\" -j KUBE-FORWARD\n-A FORWARD -m conntrack --ctstate NEW -m comment --comment \"kubernetes service portals\" -j KUBE-SERVICES\n-A FORWARD -m conntrack --ctstate NEW -m comment --comment \"kubernetes externally-visible service portals\" -j KUBE-EXTERNAL-SERVICES\n-A OUTPUT -j KUBE-FIREWALL\n-A OUTPUT -m conntrack --ctstate NEW -m comment --comment \"kubernetes load balancer firewall\" -j KUBE-PROXY-FIREWALL\n-A OUTPUT -m conntrack --ctstate NEW -m comment --comment \"kubernetes service portals\" -j KUBE-SERVICES\n"
    + ((stack1 = lookupProperty(helpers,"if").call(alias1,lookupProperty(depth0,"localhostNodePorts"),{"name":"if","hash":{},"fn":container.program(0, data, 0),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"if").call(alias1,lookupProperty(depth0,"dropInvalid"),{"name":"if","hash":{},"fn":container.program(1, data, 0),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + "-A KUBE-FORWARD -m comment --comment \"kubernetes forwarding rules\" -m mark --mark "
    + ((stack1 = alias3(alias2(depth0, "mark" ), depth0)) != null ? stack1 : "")
    + "/"
    + ((stack1 = alias3(alias2(depth0, "mark" ), depth0)) != null ? stack1 : "")
    + " -j ACCEPT\n-A KUBE-FORWARD -m comment --comment \"kubernetes forwarding conntrack rule\" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n*nat\n:KUBE-MARK-MASQ - [0:0]\n:KUBE-NODEPORTS - [0:0]\n:KUBE-POSTROUTING - [0:0]\n:KUBE-PROXY-CANARY - [0:0]\n:KUBE-SERVICES - [0:0]\n-A PREROUTING -m comment --comment \"kubernetes service portals\" -j KUBE-SERVICES\n-A OUTPUT -m comment --comment \"kubernetes service portals\" -j KUBE-SERVICES\n-A POSTROUTING -m comment --comment \"kubernetes postrouting rules\" -j KUBE-POSTROUTING\n-A KUBE-MARK-MASQ -j MARK --set-xmark "
    + ((stack1 = alias3(alias2(depth0, "mark" ), depth0)) != null ? stack1 : "")
    + "/"
    + ((stack1 = alias3(alias2(depth0, "mark" ), depth0)) != null ? stack1 : "")
    + "\n-A KUBE-POSTROUTING -m mark ! --mark "
    + ((stack1 = alias3(alias2(depth0, "mark" ), depth0)) != null ? stack1 : "")
    + "/"
    + ((stack1 = alias3(alias2(depth0, "mark" ), depth0)) != null ? stack1 : "")
    + " -j RETURN\n-A KUBE-POSTROUTING -j MARK --set-xmark "
    + ((stack1 = alias3(alias2(depth0, "mark" ), depth0)) != null ? stack1 : "")
    + "/0x0\n-A KUBE-POSTROUTING -m comment --comment \"kubernetes service traffic requiring SNAT\" -j MASQUERADE --random-fully\n";
},"useData":true};

export const port: PrecompiledTemplate = {"0":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "-A "
    + ((stack1 = alias2(alias1(depth0, "chain" ), depth0)) != null ? stack1 : "")
    + " -d "
    + ((stack1 = alias2(alias1(depth0, "host" ), depth0)) != null ? stack1 : "")
    + " -p "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto" ), depth0)) != null ? stack1 : "")
    + " -m comment --comment \""
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "id" ), depth0)) != null ? stack1 : "")
    + " has no endpoints\" -m "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto" ), depth0)) != null ? stack1 : "")
    + " --dport "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "port" ), depth0)) != null ? stack1 : "")
    + " -j REJECT --reject-with "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "unreachable" ), depth0)) != null ? stack1 : "")
    + "\n";
},"1":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "-A KUBE-EXTERNAL-SERVICES -p "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto" ), depth0)) != null ? stack1 : "")
    + " -m comment --comment \""
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "id" ), depth0)) != null ? stack1 : "")
    + " has no endpoints\" -m addrtype --dst-type LOCAL -m "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto" ), depth0)) != null ? stack1 : "")
    + " --dport "
    + ((stack1 = alias2(alias1(depth0, "nodePort" ), depth0)) != null ? stack1 : "")
    + " -j REJECT --reject-with "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "unreachable" ), depth0)) != null ? stack1 : "")
    + "\n";
},"2":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "-A "
    + ((stack1 = alias2(alias1(depth0, "chain" ), depth0)) != null ? stack1 : "")
    + " -d "
    + ((stack1 = alias2(alias1(depth0, "host" ), depth0)) != null ? stack1 : "")
    + " -p "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto" ), depth0)) != null ? stack1 : "")
    + " -m comment --comment \""
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "id" ), depth0)) != null ? stack1 : "")
    + " has no local endpoints\" -m "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto" ), depth0)) != null ? stack1 : "")
    + " --dport "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "port" ), depth0)) != null ? stack1 : "")
    + " -j DROP\n";
},"3":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "-A KUBE-EXTERNAL-SERVICES -p "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto" ), depth0)) != null ? stack1 : "")
    + " -m comment --comment \""
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "id" ), depth0)) != null ? stack1 : "")
    + " has no local endpoints\" -m addrtype --dst-type LOCAL -m "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto" ), depth0)) != null ? stack1 : "")
    + " --dport "
    + ((stack1 = alias2(alias1(depth0, "nodePort" ), depth0)) != null ? stack1 : "")
    + " -j DROP\n";
},"4":function(container,depth0,helpers,partials,data,blockParams,depths) {
    var stack1, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return ((stack1 = lookupProperty(helpers,"each").call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(depth0,"hosts"),{"name":"each","hash":{},"fn":container.program(5, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "");
},"5":function(container,depth0,helpers,partials,data,blockParams,depths) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "-A KUBE-PROXY-FIREWALL -d "
    + ((stack1 = alias2(alias1(depth0, "host" ), depth0)) != null ? stack1 : "")
    + " -p "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto" ), depth0)) != null ? stack1 : "")
    + " -m comment --comment \""
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "id" ), depth0)) != null ? stack1 : "")
    + " traffic not accepted by "
    + ((stack1 = alias2(alias1(depths[1], "chain" ), depth0)) != null ? stack1 : "")
    + "\" -m "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto" ), depth0)) != null ? stack1 : "")
    + " --dport "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "port" ), depth0)) != null ? stack1 : "")
    + " -j DROP\n";
},"6":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "-A KUBE-NODEPORTS -p tcp -m comment --comment \""
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "id" ), depth0)) != null ? stack1 : "")
    + " health check node port\" -m tcp --dport "
    + ((stack1 = alias2(alias1(depth0, "nodePort" ), depth0)) != null ? stack1 : "")
    + " -j ACCEPT\n";
},"7":function(container,depth0,helpers,partials,data) {
    var stack1;

  return ":"
    + ((stack1 = container.lambda(container.strict(depth0, "chain" ), depth0)) != null ? stack1 : "")
    + " - [0:0]\n";
},"8":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "-A KUBE-SERVICES -d "
    + ((stack1 = alias2(alias1(depth0, "host" ), depth0)) != null ? stack1 : "")
    + " -p "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto" ), depth0)) != null ? stack1 : "")
    + " -m comment --comment \""
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "id" ), depth0)) != null ? stack1 : "")
    + " cluster IP\" -m "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto" ), depth0)) != null ? stack1 : "")
    + " --dport "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "port" ), depth0)) != null ? stack1 : "")
    + " -j "
    + ((stack1 = alias2(alias1(depth0, "chain" ), depth0)) != null ? stack1 : "")
    + "\n";
},"9":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "-A KUBE-SERVICES -d "
    + ((stack1 = alias2(alias1(depth0, "host" ), depth0)) != null ? stack1 : "")
    + " -p "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto" ), depth0)) != null ? stack1 : "")
    + " -m comment --comment \""
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "id" ), depth0)) != null ? stack1 : "")
    + " external IP\" -m "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto" ), depth0)) != null ? stack1 : "")
    + " --dport "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "port" ), depth0)) != null ? stack1 : "")
    + " -j "
    + ((stack1 = alias2(alias1(depth0, "chain" ), depth0)) != null ? stack1 : "")
    + "\n";
},"10":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "-A KUBE-SERVICES -d "
    + ((stack1 = alias2(alias1(depth0, "host" ), depth0)) != null ? stack1 : "")
    + " -p "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto" ), depth0)) != null ? stack1 : "")
    + " -m comment --comment \""
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "id" ), depth0)) != null ? stack1 : "")
    + " loadbalancer IP\" -m "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto" ), depth0)) != null ? stack1 : "")
    + " --dport "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "port" ), depth0)) != null ? stack1 : "")
    + " -j "
    + ((stack1 = alias2(alias1(depth0, "chain" ), depth0)) != null ? stack1 : "")
    + "\n";
},"11":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return ((stack1 = lookupProperty(helpers,"if").call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(depth0,"countLocalhost"),{"name":"if","hash":{},"fn":container.program(12, data, 0),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + "-A KUBE-NODEPORTS -p "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto" ), depth0)) != null ? stack1 : "")
    + " -m comment --comment \""
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "id" ), depth0)) != null ? stack1 : "")
    + "\" -m "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto" ), depth0)) != null ? stack1 : "")
    + " --dport "
    + ((stack1 = alias2(alias1(depth0, "nodePort" ), depth0)) != null ? stack1 : "")
    + " -j "
    + ((stack1 = alias2(alias1(depth0, "chain" ), depth0)) != null ? stack1 : "")
    + "\n";
},"12":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "-A KUBE-NODEPORTS -d 127.0.0.0/8 -p "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto" ), depth0)) != null ? stack1 : "")
    + " -m comment --comment \""
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "id" ), depth0)) != null ? stack1 : "")
    + "\" -m "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto" ), depth0)) != null ? stack1 : "")
    + " --dport "
    + ((stack1 = alias2(alias1(depth0, "nodePort" ), depth0)) != null ? stack1 : "")
    + " -m nfacct --nfacct-name localhost_nps_accepted_pkts -j "
    + ((stack1 = alias2(alias1(depth0, "chain" ), depth0)) != null ? stack1 : "")
    + "\n";
},"13":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, alias3=depth0 != null ? depth0 : (container.nullContext || {}), lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "-A "
    + ((stack1 = alias2(alias1(depth0, "chain" ), depth0)) != null ? stack1 : "")
    + " "
    + ((stack1 = lookupProperty(helpers,"if").call(alias3,lookupProperty(depth0,"notFrom"),{"name":"if","hash":{},"fn":container.program(14, data, 0),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + "-d "
    + ((stack1 = alias2(alias1(depth0, "host" ), depth0)) != null ? stack1 : "")
    + " "
    + ((stack1 = lookupProperty(helpers,"if").call(alias3,lookupProperty(depth0,"notIn"),{"name":"if","hash":{},"fn":container.program(15, data, 0),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + "-p "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto" ), depth0)) != null ? stack1 : "")
    + " -m comment --comment \""
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "id" ), depth0)) != null ? stack1 : "")
    + " cluster IP\" -m "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto" ), depth0)) != null ? stack1 : "")
    + " --dport "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "port" ), depth0)) != null ? stack1 : "")
    + " -j KUBE-MARK-MASQ\n";
},"14":function(container,depth0,helpers,partials,data) {
    var stack1;

  return ((stack1 = container.lambda(container.strict(depth0, "notFrom" ), depth0)) != null ? stack1 : "")
    + " ";
},"15":function(container,depth0,helpers,partials,data) {
    var stack1;

  return ((stack1 = container.lambda(container.strict(depth0, "notIn" ), depth0)) != null ? stack1 : "")
    + " ";
},"16":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "-A "
    + ((stack1 = alias2(alias1(depth0, "chain" ), depth0)) != null ? stack1 : "")
    + " -m comment --comment \"masquerade traffic for "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "id" ), depth0)) != null ? stack1 : "")
    + " external destinations\" -j KUBE-MARK-MASQ\n";
},"17":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return ((stack1 = lookupProperty(helpers,"if").call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(depth0,"fromPod"),{"name":"if","hash":{},"fn":container.program(18, data, 0),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + "-A "
    + ((stack1 = alias2(alias1(depth0, "chain" ), depth0)) != null ? stack1 : "")
    + " -m comment --comment \"masquerade LOCAL traffic for "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "id" ), depth0)) != null ? stack1 : "")
    + " external destinations\" -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ\n-A "
    + ((stack1 = alias2(alias1(depth0, "chain" ), depth0)) != null ? stack1 : "")
    + " -m comment --comment \"route LOCAL traffic for "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "id" ), depth0)) != null ? stack1 : "")
    + " external destinations\" -m addrtype --src-type LOCAL -j "
    + ((stack1 = alias2(alias1(depth0, "clusterChain" ), depth0)) != null ? stack1 : "")
    + "\n";
},"18":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "-A "
    + ((stack1 = alias2(alias1(depth0, "chain" ), depth0)) != null ? stack1 : "")
    + " "
    + ((stack1 = alias2(alias1(depth0, "fromPod" ), depth0)) != null ? stack1 : "")
    + " -m comment --comment \"pod traffic for "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "id" ), depth0)) != null ? stack1 : "")
    + " external destinations\" -j "
    + ((stack1 = alias2(alias1(depth0, "clusterChain" ), depth0)) != null ? stack1 : "")
    + "\n";
},"19":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda;

  return "-A "
    + ((stack1 = alias2(alias1(depth0, "chain" ), depth0)) != null ? stack1 : "")
    + " -j "
    + ((stack1 = alias2(alias1(depth0, "pool" ), depth0)) != null ? stack1 : "")
    + "\n";
},"20":function(container,depth0,helpers,partials,data,blockParams,depths) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return ((stack1 = lookupProperty(helpers,"each").call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(depth0,"sources"),{"name":"each","hash":{},"fn":container.program(21, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + "-A "
    + ((stack1 = alias2(alias1(depth0, "chain" ), depth0)) != null ? stack1 : "")
    + " -m comment --comment \"other traffic to "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "id" ), depth0)) != null ? stack1 : "")
    + " will be dropped by KUBE-PROXY-FIREWALL\"\n";
},"21":function(container,depth0,helpers,partials,data,blockParams,depths) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "-A "
    + ((stack1 = alias2(alias1(depths[1], "chain" ), depth0)) != null ? stack1 : "")
    + " -s "
    + ((stack1 = alias2(alias1(depth0, "source" ), depth0)) != null ? stack1 : "")
    + " -m comment --comment \""
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "id" ), depth0)) != null ? stack1 : "")
    + " loadbalancer IP\" -j "
    + ((stack1 = alias2(alias1(depths[1], "externalChain" ), depth0)) != null ? stack1 : "")
    + "\n";
},"22":function(container,depth0,helpers,partials,data,blockParams,depths) {
    var stack1, alias1=depth0 != null ? depth0 : (container.nullContext || {}), lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return ((stack1 = lookupProperty(helpers,"if").call(alias1,lookupProperty(lookupProperty(data,"root"),"affinitySeconds"),{"name":"if","hash":{},"fn":container.program(23, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"endpoints"),{"name":"each","hash":{},"fn":container.program(26, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "");
},"23":function(container,depth0,helpers,partials,data,blockParams,depths) {
    var stack1, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return ((stack1 = lookupProperty(helpers,"each").call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(depth0,"endpoints"),{"name":"each","hash":{},"fn":container.program(24, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "");
},"24":function(container,depth0,helpers,partials,data,blockParams,depths) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "-A "
    + ((stack1 = alias2(alias1(depths[1], "chain" ), depth0)) != null ? stack1 : "")
    + " "
    + ((stack1 = lookupProperty(helpers,"if").call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(lookupProperty(data,"root"),"comments"),{"name":"if","hash":{},"fn":container.program(25, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + "-m recent --rcheck --seconds "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "affinitySeconds" ), depth0)) != null ? stack1 : "")
    + " --reap --name "
    + ((stack1 = alias2(alias1(depth0, "chain" ), depth0)) != null ? stack1 : "")
    + " --mask "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "hostMask" ), depth0)) != null ? stack1 : "")
    + " --rsource -j "
    + ((stack1 = alias2(alias1(depth0, "chain" ), depth0)) != null ? stack1 : "")
    + "\n";
},"25":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "-m comment --comment \""
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "id" ), depth0)) != null ? stack1 : "")
    + " -> "
    + ((stack1 = alias2(alias1(depth0, "target" ), depth0)) != null ? stack1 : "")
    + "\" ";
},"26":function(container,depth0,helpers,partials,data,blockParams,depths) {
    var stack1, alias1=container.strict, alias2=container.lambda, alias3=depth0 != null ? depth0 : (container.nullContext || {}), lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "-A "
    + ((stack1 = alias2(alias1(depths[1], "chain" ), depth0)) != null ? stack1 : "")
    + " "
    + ((stack1 = lookupProperty(helpers,"if").call(alias3,lookupProperty(lookupProperty(data,"root"),"comments"),{"name":"if","hash":{},"fn":container.program(25, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"if").call(alias3,lookupProperty(depth0,"probability"),{"name":"if","hash":{},"fn":container.program(27, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + "-j "
    + ((stack1 = alias2(alias1(depth0, "chain" ), depth0)) != null ? stack1 : "")
    + "\n";
},"27":function(container,depth0,helpers,partials,data) {
    var stack1;

  return "-m statistic --mode random --probability "
    + ((stack1 = container.lambda(container.strict(depth0, "probability" ), depth0)) != null ? stack1 : "")
    + " ";
},"28":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, alias3=depth0 != null ? depth0 : (container.nullContext || {}), lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "-A "
    + ((stack1 = alias2(alias1(depth0, "chain" ), depth0)) != null ? stack1 : "")
    + " -s "
    + ((stack1 = alias2(alias1(depth0, "host" ), depth0)) != null ? stack1 : "")
    + " "
    + ((stack1 = lookupProperty(helpers,"if").call(alias3,lookupProperty(lookupProperty(data,"root"),"comments"),{"name":"if","hash":{},"fn":container.program(29, data, 0),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + "-j KUBE-MARK-MASQ\n-A "
    + ((stack1 = alias2(alias1(depth0, "chain" ), depth0)) != null ? stack1 : "")
    + " -p "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto" ), depth0)) != null ? stack1 : "")
    + " "
    + ((stack1 = lookupProperty(helpers,"if").call(alias3,lookupProperty(lookupProperty(data,"root"),"comments"),{"name":"if","hash":{},"fn":container.program(29, data, 0),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"if").call(alias3,lookupProperty(lookupProperty(data,"root"),"affinitySeconds"),{"name":"if","hash":{},"fn":container.program(30, data, 0),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + "-m "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto" ), depth0)) != null ? stack1 : "")
    + " -j DNAT --to-destination "
    + ((stack1 = alias2(alias1(depth0, "destination" ), depth0)) != null ? stack1 : "")
    + "\n";
},"29":function(container,depth0,helpers,partials,data) {
    var stack1, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "-m comment --comment \""
    + ((stack1 = container.lambda(container.strict(lookupProperty(data,"root"), "id" ), depth0)) != null ? stack1 : "")
    + "\" ";
},"30":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "-m recent --set --name "
    + ((stack1 = alias2(alias1(depth0, "chain" ), depth0)) != null ? stack1 : "")
    + " --mask "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "hostMask" ), depth0)) != null ? stack1 : "")
    + " --rsource ";
},"compiler":[8,">= 4.3.0"],"main":function(container,depth0,helpers,partials,data,blockParams,depths) {
    var stack1, alias1=depth0 != null ? depth0 : (container.nullContext || {}), lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "*filter\n"
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"rejectedIps"),{"name":"each","hash":{},"fn":container.program(0, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"rejectedNodePorts"),{"name":"each","hash":{},"fn":container.program(1, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"droppedIps"),{"name":"each","hash":{},"fn":container.program(2, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"droppedNodePorts"),{"name":"each","hash":{},"fn":container.program(3, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"firewall"),{"name":"each","hash":{},"fn":container.program(4, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"healthCheckNodePorts"),{"name":"each","hash":{},"fn":container.program(6, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + "*nat\n"
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"chains"),{"name":"each","hash":{},"fn":container.program(7, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"clusterIps"),{"name":"each","hash":{},"fn":container.program(8, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"externalIps"),{"name":"each","hash":{},"fn":container.program(9, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"loadBalancerIps"),{"name":"each","hash":{},"fn":container.program(10, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"nodePorts"),{"name":"each","hash":{},"fn":container.program(11, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"masquerades"),{"name":"each","hash":{},"fn":container.program(13, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"externalClusterPolicy"),{"name":"each","hash":{},"fn":container.program(16, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"externalLocalPolicy"),{"name":"each","hash":{},"fn":container.program(17, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"externalPools"),{"name":"each","hash":{},"fn":container.program(19, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"firewall"),{"name":"each","hash":{},"fn":container.program(20, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"pools"),{"name":"each","hash":{},"fn":container.program(22, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"endpoints"),{"name":"each","hash":{},"fn":container.program(28, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "");
},"useData":true,"useDepths":true};

export const tail: PrecompiledTemplate = {"0":function(container,depth0,helpers,partials,data) {
    var stack1, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "-A KUBE-SERVICES "
    + ((stack1 = lookupProperty(helpers,"if").call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(depth0,"except"),{"name":"if","hash":{},"fn":container.program(1, data, 0),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + "-m comment --comment \"kubernetes service nodeports; NOTE: this must be the last rule in this chain\" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS\n";
},"1":function(container,depth0,helpers,partials,data) {
    var stack1;

  return "! -d "
    + ((stack1 = container.lambda(container.strict(depth0, "except" ), depth0)) != null ? stack1 : "")
    + " ";
},"2":function(container,depth0,helpers,partials,data) {
    var stack1;

  return "-A KUBE-SERVICES -d "
    + ((stack1 = container.lambda(container.strict(depth0, "host" ), depth0)) != null ? stack1 : "")
    + " -m comment --comment \"kubernetes service nodeports; NOTE: this must be the last rule in this chain\" -j KUBE-NODEPORTS\n";
},"compiler":[8,">= 4.3.0"],"main":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=depth0 != null ? depth0 : (container.nullContext || {}), lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "*nat\n"
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"localNodePorts"),{"name":"each","hash":{},"fn":container.program(0, data, 0),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"listedNodePorts"),{"name":"each","hash":{},"fn":container.program(2, data, 0),"inverse":container.noop,"data":data})) != null ? stack1 : "");
},"useData":true};
