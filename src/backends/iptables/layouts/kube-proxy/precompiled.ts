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
    + ((stack1 = lookupProperty(helpers,"if").call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(depth0,"nfacct"),{"name":"if","hash":{},"fn":container.program(2, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":26,"column":47},"end":{"line":26,"column":122}}})) != null ? stack1 : "")
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
    + ((stack1 = lookupProperty(helpers,"if").call(alias1,lookupProperty(depth0,"localhostNodePorts"),{"name":"if","hash":{},"fn":container.program(0, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":22,"column":0},"end":{"line":24,"column":7}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"if").call(alias1,lookupProperty(depth0,"dropInvalid"),{"name":"if","hash":{},"fn":container.program(1, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":25,"column":0},"end":{"line":27,"column":7}}})) != null ? stack1 : "")
    + "-A KUBE-FORWARD -m comment --comment \"kubernetes forwarding rules\" -m mark --mark "
    + ((stack1 = alias3(alias2(depth0, "mark", {"start":{"line":28,"column":84},"end":{"line":28,"column":88}} ), depth0)) != null ? stack1 : "")
    + "/"
    + ((stack1 = alias3(alias2(depth0, "mark", {"start":{"line":28,"column":93},"end":{"line":28,"column":97}} ), depth0)) != null ? stack1 : "")
    + " -j ACCEPT\n-A KUBE-FORWARD -m comment --comment \"kubernetes forwarding conntrack rule\" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n*nat\n:KUBE-MARK-MASQ - [0:0]\n:KUBE-NODEPORTS - [0:0]\n:KUBE-POSTROUTING - [0:0]\n:KUBE-PROXY-CANARY - [0:0]\n:KUBE-SERVICES - [0:0]\n-A PREROUTING -m comment --comment \"kubernetes service portals\" -j KUBE-SERVICES\n-A OUTPUT -m comment --comment \"kubernetes service portals\" -j KUBE-SERVICES\n-A POSTROUTING -m comment --comment \"kubernetes postrouting rules\" -j KUBE-POSTROUTING\n-A KUBE-MARK-MASQ -j MARK --set-xmark "
    + ((stack1 = alias3(alias2(depth0, "mark", {"start":{"line":39,"column":40},"end":{"line":39,"column":44}} ), depth0)) != null ? stack1 : "")
    + "/"
    + ((stack1 = alias3(alias2(depth0, "mark", {"start":{"line":39,"column":49},"end":{"line":39,"column":53}} ), depth0)) != null ? stack1 : "")
    + "\n-A KUBE-POSTROUTING -m mark ! --mark "
    + ((stack1 = alias3(alias2(depth0, "mark", {"start":{"line":40,"column":39},"end":{"line":40,"column":43}} ), depth0)) != null ? stack1 : "")
    + "/"
    + ((stack1 = alias3(alias2(depth0, "mark", {"start":{"line":40,"column":48},"end":{"line":40,"column":52}} ), depth0)) != null ? stack1 : "")
    + " -j RETURN\n-A KUBE-POSTROUTING -j MARK --set-xmark "
    + ((stack1 = alias3(alias2(depth0, "mark", {"start":{"line":41,"column":42},"end":{"line":41,"column":46}} ), depth0)) != null ? stack1 : "")
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
    + ((stack1 = alias2(alias1(depth0, "chain", {"start":{"line":3,"column":5},"end":{"line":3,"column":10}} ), depth0)) != null ? stack1 : "")
    + " -d "
    + ((stack1 = alias2(alias1(depth0, "host", {"start":{"line":3,"column":18},"end":{"line":3,"column":22}} ), depth0)) != null ? stack1 : "")
    + " -p "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto", {"start":{"line":3,"column":30},"end":{"line":3,"column":41}} ), depth0)) != null ? stack1 : "")
    + " -m comment --comment \""
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "id", {"start":{"line":3,"column":68},"end":{"line":3,"column":76}} ), depth0)) != null ? stack1 : "")
    + " has no endpoints\" -m "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto", {"start":{"line":3,"column":102},"end":{"line":3,"column":113}} ), depth0)) != null ? stack1 : "")
    + " --dport "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "port", {"start":{"line":3,"column":126},"end":{"line":3,"column":136}} ), depth0)) != null ? stack1 : "")
    + " -j REJECT --reject-with "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "unreachable", {"start":{"line":3,"column":165},"end":{"line":3,"column":182}} ), depth0)) != null ? stack1 : "")
    + "\n";
},"1":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "-A KUBE-EXTERNAL-SERVICES -p "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto", {"start":{"line":6,"column":31},"end":{"line":6,"column":42}} ), depth0)) != null ? stack1 : "")
    + " -m comment --comment \""
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "id", {"start":{"line":6,"column":69},"end":{"line":6,"column":77}} ), depth0)) != null ? stack1 : "")
    + " has no endpoints\" -m addrtype --dst-type LOCAL -m "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto", {"start":{"line":6,"column":132},"end":{"line":6,"column":143}} ), depth0)) != null ? stack1 : "")
    + " --dport "
    + ((stack1 = alias2(alias1(depth0, "nodePort", {"start":{"line":6,"column":156},"end":{"line":6,"column":164}} ), depth0)) != null ? stack1 : "")
    + " -j REJECT --reject-with "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "unreachable", {"start":{"line":6,"column":193},"end":{"line":6,"column":210}} ), depth0)) != null ? stack1 : "")
    + "\n";
},"2":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "-A "
    + ((stack1 = alias2(alias1(depth0, "chain", {"start":{"line":9,"column":5},"end":{"line":9,"column":10}} ), depth0)) != null ? stack1 : "")
    + " -d "
    + ((stack1 = alias2(alias1(depth0, "host", {"start":{"line":9,"column":18},"end":{"line":9,"column":22}} ), depth0)) != null ? stack1 : "")
    + " -p "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto", {"start":{"line":9,"column":30},"end":{"line":9,"column":41}} ), depth0)) != null ? stack1 : "")
    + " -m comment --comment \""
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "id", {"start":{"line":9,"column":68},"end":{"line":9,"column":76}} ), depth0)) != null ? stack1 : "")
    + " has no local endpoints\" -m "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto", {"start":{"line":9,"column":108},"end":{"line":9,"column":119}} ), depth0)) != null ? stack1 : "")
    + " --dport "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "port", {"start":{"line":9,"column":132},"end":{"line":9,"column":142}} ), depth0)) != null ? stack1 : "")
    + " -j DROP\n";
},"3":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "-A KUBE-EXTERNAL-SERVICES -p "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto", {"start":{"line":12,"column":31},"end":{"line":12,"column":42}} ), depth0)) != null ? stack1 : "")
    + " -m comment --comment \""
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "id", {"start":{"line":12,"column":69},"end":{"line":12,"column":77}} ), depth0)) != null ? stack1 : "")
    + " has no local endpoints\" -m addrtype --dst-type LOCAL -m "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto", {"start":{"line":12,"column":138},"end":{"line":12,"column":149}} ), depth0)) != null ? stack1 : "")
    + " --dport "
    + ((stack1 = alias2(alias1(depth0, "nodePort", {"start":{"line":12,"column":162},"end":{"line":12,"column":170}} ), depth0)) != null ? stack1 : "")
    + " -j DROP\n";
},"4":function(container,depth0,helpers,partials,data,blockParams,depths) {
    var stack1, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return ((stack1 = lookupProperty(helpers,"each").call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(depth0,"hosts"),{"name":"each","hash":{},"fn":container.program(5, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":15,"column":0},"end":{"line":17,"column":9}}})) != null ? stack1 : "");
},"5":function(container,depth0,helpers,partials,data,blockParams,depths) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "-A KUBE-PROXY-FIREWALL -d "
    + ((stack1 = alias2(alias1(depth0, "host", {"start":{"line":16,"column":28},"end":{"line":16,"column":32}} ), depth0)) != null ? stack1 : "")
    + " -p "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto", {"start":{"line":16,"column":40},"end":{"line":16,"column":51}} ), depth0)) != null ? stack1 : "")
    + " -m comment --comment \""
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "id", {"start":{"line":16,"column":78},"end":{"line":16,"column":86}} ), depth0)) != null ? stack1 : "")
    + " traffic not accepted by "
    + ((stack1 = alias2(alias1(depths[1], "chain", {"start":{"line":16,"column":115},"end":{"line":16,"column":123}} ), depth0)) != null ? stack1 : "")
    + "\" -m "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto", {"start":{"line":16,"column":132},"end":{"line":16,"column":143}} ), depth0)) != null ? stack1 : "")
    + " --dport "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "port", {"start":{"line":16,"column":156},"end":{"line":16,"column":166}} ), depth0)) != null ? stack1 : "")
    + " -j DROP\n";
},"6":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "-A KUBE-NODEPORTS -p tcp -m comment --comment \""
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "id", {"start":{"line":20,"column":49},"end":{"line":20,"column":57}} ), depth0)) != null ? stack1 : "")
    + " health check node port\" -m tcp --dport "
    + ((stack1 = alias2(alias1(depth0, "nodePort", {"start":{"line":20,"column":101},"end":{"line":20,"column":109}} ), depth0)) != null ? stack1 : "")
    + " -j ACCEPT\n";
},"7":function(container,depth0,helpers,partials,data) {
    var stack1;

  return ":"
    + ((stack1 = container.lambda(container.strict(depth0, "chain", {"start":{"line":24,"column":3},"end":{"line":24,"column":8}} ), depth0)) != null ? stack1 : "")
    + " - [0:0]\n";
},"8":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "-A KUBE-SERVICES -d "
    + ((stack1 = alias2(alias1(depth0, "host", {"start":{"line":27,"column":22},"end":{"line":27,"column":26}} ), depth0)) != null ? stack1 : "")
    + " -p "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto", {"start":{"line":27,"column":34},"end":{"line":27,"column":45}} ), depth0)) != null ? stack1 : "")
    + " -m comment --comment \""
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "id", {"start":{"line":27,"column":72},"end":{"line":27,"column":80}} ), depth0)) != null ? stack1 : "")
    + " cluster IP\" -m "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto", {"start":{"line":27,"column":100},"end":{"line":27,"column":111}} ), depth0)) != null ? stack1 : "")
    + " --dport "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "port", {"start":{"line":27,"column":124},"end":{"line":27,"column":134}} ), depth0)) != null ? stack1 : "")
    + " -j "
    + ((stack1 = alias2(alias1(depth0, "chain", {"start":{"line":27,"column":142},"end":{"line":27,"column":147}} ), depth0)) != null ? stack1 : "")
    + "\n";
},"9":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "-A KUBE-SERVICES -d "
    + ((stack1 = alias2(alias1(depth0, "host", {"start":{"line":30,"column":22},"end":{"line":30,"column":26}} ), depth0)) != null ? stack1 : "")
    + " -p "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto", {"start":{"line":30,"column":34},"end":{"line":30,"column":45}} ), depth0)) != null ? stack1 : "")
    + " -m comment --comment \""
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "id", {"start":{"line":30,"column":72},"end":{"line":30,"column":80}} ), depth0)) != null ? stack1 : "")
    + " external IP\" -m "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto", {"start":{"line":30,"column":101},"end":{"line":30,"column":112}} ), depth0)) != null ? stack1 : "")
    + " --dport "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "port", {"start":{"line":30,"column":125},"end":{"line":30,"column":135}} ), depth0)) != null ? stack1 : "")
    + " -j "
    + ((stack1 = alias2(alias1(depth0, "chain", {"start":{"line":30,"column":143},"end":{"line":30,"column":148}} ), depth0)) != null ? stack1 : "")
    + "\n";
},"10":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "-A KUBE-SERVICES -d "
    + ((stack1 = alias2(alias1(depth0, "host", {"start":{"line":33,"column":22},"end":{"line":33,"column":26}} ), depth0)) != null ? stack1 : "")
    + " -p "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto", {"start":{"line":33,"column":34},"end":{"line":33,"column":45}} ), depth0)) != null ? stack1 : "")
    + " -m comment --comment \""
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "id", {"start":{"line":33,"column":72},"end":{"line":33,"column":80}} ), depth0)) != null ? stack1 : "")
    + " loadbalancer IP\" -m "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto", {"start":{"line":33,"column":105},"end":{"line":33,"column":116}} ), depth0)) != null ? stack1 : "")
    + " --dport "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "port", {"start":{"line":33,"column":129},"end":{"line":33,"column":139}} ), depth0)) != null ? stack1 : "")
    + " -j "
    + ((stack1 = alias2(alias1(depth0, "chain", {"start":{"line":33,"column":147},"end":{"line":33,"column":152}} ), depth0)) != null ? stack1 : "")
    + "\n";
},"11":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return ((stack1 = lookupProperty(helpers,"if").call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(depth0,"countLocalhost"),{"name":"if","hash":{},"fn":container.program(12, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":36,"column":0},"end":{"line":38,"column":7}}})) != null ? stack1 : "")
    + "-A KUBE-NODEPORTS -p "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto", {"start":{"line":39,"column":23},"end":{"line":39,"column":34}} ), depth0)) != null ? stack1 : "")
    + " -m comment --comment \""
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "id", {"start":{"line":39,"column":61},"end":{"line":39,"column":69}} ), depth0)) != null ? stack1 : "")
    + "\" -m "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto", {"start":{"line":39,"column":78},"end":{"line":39,"column":89}} ), depth0)) != null ? stack1 : "")
    + " --dport "
    + ((stack1 = alias2(alias1(depth0, "nodePort", {"start":{"line":39,"column":102},"end":{"line":39,"column":110}} ), depth0)) != null ? stack1 : "")
    + " -j "
    + ((stack1 = alias2(alias1(depth0, "chain", {"start":{"line":39,"column":118},"end":{"line":39,"column":123}} ), depth0)) != null ? stack1 : "")
    + "\n";
},"12":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "-A KUBE-NODEPORTS -d 127.0.0.0/8 -p "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto", {"start":{"line":37,"column":38},"end":{"line":37,"column":49}} ), depth0)) != null ? stack1 : "")
    + " -m comment --comment \""
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "id", {"start":{"line":37,"column":76},"end":{"line":37,"column":84}} ), depth0)) != null ? stack1 : "")
    + "\" -m "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto", {"start":{"line":37,"column":93},"end":{"line":37,"column":104}} ), depth0)) != null ? stack1 : "")
    + " --dport "
    + ((stack1 = alias2(alias1(depth0, "nodePort", {"start":{"line":37,"column":117},"end":{"line":37,"column":125}} ), depth0)) != null ? stack1 : "")
    + " -m nfacct --nfacct-name localhost_nps_accepted_pkts -j "
    + ((stack1 = alias2(alias1(depth0, "chain", {"start":{"line":37,"column":185},"end":{"line":37,"column":190}} ), depth0)) != null ? stack1 : "")
    + "\n";
},"13":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, alias3=depth0 != null ? depth0 : (container.nullContext || {}), lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "-A "
    + ((stack1 = alias2(alias1(depth0, "chain", {"start":{"line":42,"column":5},"end":{"line":42,"column":10}} ), depth0)) != null ? stack1 : "")
    + " "
    + ((stack1 = lookupProperty(helpers,"if").call(alias3,lookupProperty(depth0,"notFrom"),{"name":"if","hash":{},"fn":container.program(14, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":42,"column":13},"end":{"line":42,"column":47}}})) != null ? stack1 : "")
    + "-d "
    + ((stack1 = alias2(alias1(depth0, "host", {"start":{"line":42,"column":52},"end":{"line":42,"column":56}} ), depth0)) != null ? stack1 : "")
    + " "
    + ((stack1 = lookupProperty(helpers,"if").call(alias3,lookupProperty(depth0,"notIn"),{"name":"if","hash":{},"fn":container.program(15, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":42,"column":59},"end":{"line":42,"column":89}}})) != null ? stack1 : "")
    + "-p "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto", {"start":{"line":42,"column":94},"end":{"line":42,"column":105}} ), depth0)) != null ? stack1 : "")
    + " -m comment --comment \""
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "id", {"start":{"line":42,"column":132},"end":{"line":42,"column":140}} ), depth0)) != null ? stack1 : "")
    + " cluster IP\" -m "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto", {"start":{"line":42,"column":160},"end":{"line":42,"column":171}} ), depth0)) != null ? stack1 : "")
    + " --dport "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "port", {"start":{"line":42,"column":184},"end":{"line":42,"column":194}} ), depth0)) != null ? stack1 : "")
    + " -j KUBE-MARK-MASQ\n";
},"14":function(container,depth0,helpers,partials,data) {
    var stack1;

  return ((stack1 = container.lambda(container.strict(depth0, "notFrom", {"start":{"line":42,"column":30},"end":{"line":42,"column":37}} ), depth0)) != null ? stack1 : "")
    + " ";
},"15":function(container,depth0,helpers,partials,data) {
    var stack1;

  return ((stack1 = container.lambda(container.strict(depth0, "notIn", {"start":{"line":42,"column":74},"end":{"line":42,"column":79}} ), depth0)) != null ? stack1 : "")
    + " ";
},"16":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "-A "
    + ((stack1 = alias2(alias1(depth0, "chain", {"start":{"line":45,"column":5},"end":{"line":45,"column":10}} ), depth0)) != null ? stack1 : "")
    + " -m comment --comment \"masquerade traffic for "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "id", {"start":{"line":45,"column":60},"end":{"line":45,"column":68}} ), depth0)) != null ? stack1 : "")
    + " external destinations\" -j KUBE-MARK-MASQ\n";
},"17":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return ((stack1 = lookupProperty(helpers,"if").call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(depth0,"fromPod"),{"name":"if","hash":{},"fn":container.program(18, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":48,"column":0},"end":{"line":50,"column":7}}})) != null ? stack1 : "")
    + "-A "
    + ((stack1 = alias2(alias1(depth0, "chain", {"start":{"line":51,"column":5},"end":{"line":51,"column":10}} ), depth0)) != null ? stack1 : "")
    + " -m comment --comment \"masquerade LOCAL traffic for "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "id", {"start":{"line":51,"column":66},"end":{"line":51,"column":74}} ), depth0)) != null ? stack1 : "")
    + " external destinations\" -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ\n-A "
    + ((stack1 = alias2(alias1(depth0, "chain", {"start":{"line":52,"column":5},"end":{"line":52,"column":10}} ), depth0)) != null ? stack1 : "")
    + " -m comment --comment \"route LOCAL traffic for "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "id", {"start":{"line":52,"column":61},"end":{"line":52,"column":69}} ), depth0)) != null ? stack1 : "")
    + " external destinations\" -m addrtype --src-type LOCAL -j "
    + ((stack1 = alias2(alias1(depth0, "clusterChain", {"start":{"line":52,"column":129},"end":{"line":52,"column":141}} ), depth0)) != null ? stack1 : "")
    + "\n";
},"18":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "-A "
    + ((stack1 = alias2(alias1(depth0, "chain", {"start":{"line":49,"column":5},"end":{"line":49,"column":10}} ), depth0)) != null ? stack1 : "")
    + " "
    + ((stack1 = alias2(alias1(depth0, "fromPod", {"start":{"line":49,"column":15},"end":{"line":49,"column":22}} ), depth0)) != null ? stack1 : "")
    + " -m comment --comment \"pod traffic for "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "id", {"start":{"line":49,"column":65},"end":{"line":49,"column":73}} ), depth0)) != null ? stack1 : "")
    + " external destinations\" -j "
    + ((stack1 = alias2(alias1(depth0, "clusterChain", {"start":{"line":49,"column":104},"end":{"line":49,"column":116}} ), depth0)) != null ? stack1 : "")
    + "\n";
},"19":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda;

  return "-A "
    + ((stack1 = alias2(alias1(depth0, "chain", {"start":{"line":55,"column":5},"end":{"line":55,"column":10}} ), depth0)) != null ? stack1 : "")
    + " -j "
    + ((stack1 = alias2(alias1(depth0, "pool", {"start":{"line":55,"column":18},"end":{"line":55,"column":22}} ), depth0)) != null ? stack1 : "")
    + "\n";
},"20":function(container,depth0,helpers,partials,data,blockParams,depths) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return ((stack1 = lookupProperty(helpers,"each").call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(depth0,"sources"),{"name":"each","hash":{},"fn":container.program(21, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":58,"column":0},"end":{"line":60,"column":9}}})) != null ? stack1 : "")
    + "-A "
    + ((stack1 = alias2(alias1(depth0, "chain", {"start":{"line":61,"column":5},"end":{"line":61,"column":10}} ), depth0)) != null ? stack1 : "")
    + " -m comment --comment \"other traffic to "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "id", {"start":{"line":61,"column":54},"end":{"line":61,"column":62}} ), depth0)) != null ? stack1 : "")
    + " will be dropped by KUBE-PROXY-FIREWALL\"\n";
},"21":function(container,depth0,helpers,partials,data,blockParams,depths) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "-A "
    + ((stack1 = alias2(alias1(depths[1], "chain", {"start":{"line":59,"column":5},"end":{"line":59,"column":13}} ), depth0)) != null ? stack1 : "")
    + " -s "
    + ((stack1 = alias2(alias1(depth0, "source", {"start":{"line":59,"column":21},"end":{"line":59,"column":27}} ), depth0)) != null ? stack1 : "")
    + " -m comment --comment \""
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "id", {"start":{"line":59,"column":54},"end":{"line":59,"column":62}} ), depth0)) != null ? stack1 : "")
    + " loadbalancer IP\" -j "
    + ((stack1 = alias2(alias1(depths[1], "externalChain", {"start":{"line":59,"column":87},"end":{"line":59,"column":103}} ), depth0)) != null ? stack1 : "")
    + "\n";
},"22":function(container,depth0,helpers,partials,data,blockParams,depths) {
    var stack1, alias1=depth0 != null ? depth0 : (container.nullContext || {}), lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return ((stack1 = lookupProperty(helpers,"if").call(alias1,lookupProperty(lookupProperty(data,"root"),"affinitySeconds"),{"name":"if","hash":{},"fn":container.program(23, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":64,"column":0},"end":{"line":68,"column":7}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"endpoints"),{"name":"each","hash":{},"fn":container.program(26, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":69,"column":0},"end":{"line":71,"column":9}}})) != null ? stack1 : "");
},"23":function(container,depth0,helpers,partials,data,blockParams,depths) {
    var stack1, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return ((stack1 = lookupProperty(helpers,"each").call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(depth0,"endpoints"),{"name":"each","hash":{},"fn":container.program(24, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":65,"column":0},"end":{"line":67,"column":9}}})) != null ? stack1 : "");
},"24":function(container,depth0,helpers,partials,data,blockParams,depths) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "-A "
    + ((stack1 = alias2(alias1(depths[1], "chain", {"start":{"line":66,"column":5},"end":{"line":66,"column":13}} ), depth0)) != null ? stack1 : "")
    + " "
    + ((stack1 = lookupProperty(helpers,"if").call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(lookupProperty(data,"root"),"comments"),{"name":"if","hash":{},"fn":container.program(25, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":66,"column":16},"end":{"line":66,"column":95}}})) != null ? stack1 : "")
    + "-m recent --rcheck --seconds "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "affinitySeconds", {"start":{"line":66,"column":126},"end":{"line":66,"column":147}} ), depth0)) != null ? stack1 : "")
    + " --reap --name "
    + ((stack1 = alias2(alias1(depth0, "chain", {"start":{"line":66,"column":166},"end":{"line":66,"column":171}} ), depth0)) != null ? stack1 : "")
    + " --mask "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "hostMask", {"start":{"line":66,"column":183},"end":{"line":66,"column":197}} ), depth0)) != null ? stack1 : "")
    + " --rsource -j "
    + ((stack1 = alias2(alias1(depth0, "chain", {"start":{"line":66,"column":215},"end":{"line":66,"column":220}} ), depth0)) != null ? stack1 : "")
    + "\n";
},"25":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "-m comment --comment \""
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "id", {"start":{"line":66,"column":62},"end":{"line":66,"column":70}} ), depth0)) != null ? stack1 : "")
    + " -> "
    + ((stack1 = alias2(alias1(depth0, "target", {"start":{"line":66,"column":78},"end":{"line":66,"column":84}} ), depth0)) != null ? stack1 : "")
    + "\" ";
},"26":function(container,depth0,helpers,partials,data,blockParams,depths) {
    var stack1, alias1=container.strict, alias2=container.lambda, alias3=depth0 != null ? depth0 : (container.nullContext || {}), lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "-A "
    + ((stack1 = alias2(alias1(depths[1], "chain", {"start":{"line":70,"column":5},"end":{"line":70,"column":13}} ), depth0)) != null ? stack1 : "")
    + " "
    + ((stack1 = lookupProperty(helpers,"if").call(alias3,lookupProperty(lookupProperty(data,"root"),"comments"),{"name":"if","hash":{},"fn":container.program(25, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":70,"column":16},"end":{"line":70,"column":95}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"if").call(alias3,lookupProperty(depth0,"probability"),{"name":"if","hash":{},"fn":container.program(27, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":70,"column":95},"end":{"line":70,"column":178}}})) != null ? stack1 : "")
    + "-j "
    + ((stack1 = alias2(alias1(depth0, "chain", {"start":{"line":70,"column":183},"end":{"line":70,"column":188}} ), depth0)) != null ? stack1 : "")
    + "\n";
},"27":function(container,depth0,helpers,partials,data) {
    var stack1;

  return "-m statistic --mode random --probability "
    + ((stack1 = container.lambda(container.strict(depth0, "probability", {"start":{"line":70,"column":157},"end":{"line":70,"column":168}} ), depth0)) != null ? stack1 : "")
    + " ";
},"28":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, alias3=depth0 != null ? depth0 : (container.nullContext || {}), lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "-A "
    + ((stack1 = alias2(alias1(depth0, "chain", {"start":{"line":74,"column":5},"end":{"line":74,"column":10}} ), depth0)) != null ? stack1 : "")
    + " -s "
    + ((stack1 = alias2(alias1(depth0, "host", {"start":{"line":74,"column":18},"end":{"line":74,"column":22}} ), depth0)) != null ? stack1 : "")
    + " "
    + ((stack1 = lookupProperty(helpers,"if").call(alias3,lookupProperty(lookupProperty(data,"root"),"comments"),{"name":"if","hash":{},"fn":container.program(29, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":74,"column":25},"end":{"line":74,"column":90}}})) != null ? stack1 : "")
    + "-j KUBE-MARK-MASQ\n-A "
    + ((stack1 = alias2(alias1(depth0, "chain", {"start":{"line":75,"column":5},"end":{"line":75,"column":10}} ), depth0)) != null ? stack1 : "")
    + " -p "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto", {"start":{"line":75,"column":18},"end":{"line":75,"column":29}} ), depth0)) != null ? stack1 : "")
    + " "
    + ((stack1 = lookupProperty(helpers,"if").call(alias3,lookupProperty(lookupProperty(data,"root"),"comments"),{"name":"if","hash":{},"fn":container.program(29, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":75,"column":32},"end":{"line":75,"column":97}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"if").call(alias3,lookupProperty(lookupProperty(data,"root"),"affinitySeconds"),{"name":"if","hash":{},"fn":container.program(30, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":75,"column":97},"end":{"line":75,"column":202}}})) != null ? stack1 : "")
    + "-m "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto", {"start":{"line":75,"column":207},"end":{"line":75,"column":218}} ), depth0)) != null ? stack1 : "")
    + " -j DNAT --to-destination "
    + ((stack1 = alias2(alias1(depth0, "destination", {"start":{"line":75,"column":248},"end":{"line":75,"column":259}} ), depth0)) != null ? stack1 : "")
    + "\n";
},"29":function(container,depth0,helpers,partials,data) {
    var stack1, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "-m comment --comment \""
    + ((stack1 = container.lambda(container.strict(lookupProperty(data,"root"), "id", {"start":{"line":74,"column":71},"end":{"line":74,"column":79}} ), depth0)) != null ? stack1 : "")
    + "\" ";
},"30":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "-m recent --set --name "
    + ((stack1 = alias2(alias1(depth0, "chain", {"start":{"line":75,"column":151},"end":{"line":75,"column":156}} ), depth0)) != null ? stack1 : "")
    + " --mask "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "hostMask", {"start":{"line":75,"column":168},"end":{"line":75,"column":182}} ), depth0)) != null ? stack1 : "")
    + " --rsource ";
},"compiler":[8,">= 4.3.0"],"main":function(container,depth0,helpers,partials,data,blockParams,depths) {
    var stack1, alias1=depth0 != null ? depth0 : (container.nullContext || {}), lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "*filter\n"
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"rejectedIps"),{"name":"each","hash":{},"fn":container.program(0, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":2,"column":0},"end":{"line":4,"column":9}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"rejectedNodePorts"),{"name":"each","hash":{},"fn":container.program(1, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":5,"column":0},"end":{"line":7,"column":9}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"droppedIps"),{"name":"each","hash":{},"fn":container.program(2, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":8,"column":0},"end":{"line":10,"column":9}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"droppedNodePorts"),{"name":"each","hash":{},"fn":container.program(3, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":11,"column":0},"end":{"line":13,"column":9}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"firewall"),{"name":"each","hash":{},"fn":container.program(4, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":14,"column":0},"end":{"line":18,"column":9}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"healthCheckNodePorts"),{"name":"each","hash":{},"fn":container.program(6, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":19,"column":0},"end":{"line":21,"column":9}}})) != null ? stack1 : "")
    + "*nat\n"
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"chains"),{"name":"each","hash":{},"fn":container.program(7, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":23,"column":0},"end":{"line":25,"column":9}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"clusterIps"),{"name":"each","hash":{},"fn":container.program(8, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":26,"column":0},"end":{"line":28,"column":9}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"externalIps"),{"name":"each","hash":{},"fn":container.program(9, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":29,"column":0},"end":{"line":31,"column":9}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"loadBalancerIps"),{"name":"each","hash":{},"fn":container.program(10, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":32,"column":0},"end":{"line":34,"column":9}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"nodePorts"),{"name":"each","hash":{},"fn":container.program(11, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":35,"column":0},"end":{"line":40,"column":9}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"masquerades"),{"name":"each","hash":{},"fn":container.program(13, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":41,"column":0},"end":{"line":43,"column":9}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"externalClusterPolicy"),{"name":"each","hash":{},"fn":container.program(16, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":44,"column":0},"end":{"line":46,"column":9}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"externalLocalPolicy"),{"name":"each","hash":{},"fn":container.program(17, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":47,"column":0},"end":{"line":53,"column":9}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"externalPools"),{"name":"each","hash":{},"fn":container.program(19, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":54,"column":0},"end":{"line":56,"column":9}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"firewall"),{"name":"each","hash":{},"fn":container.program(20, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":57,"column":0},"end":{"line":62,"column":9}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"pools"),{"name":"each","hash":{},"fn":container.program(22, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":63,"column":0},"end":{"line":72,"column":9}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"endpoints"),{"name":"each","hash":{},"fn":container.program(28, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":73,"column":0},"end":{"line":76,"column":9}}})) != null ? stack1 : "");
},"useData":true,"useDepths":true};

export const tail: PrecompiledTemplate = {"0":function(container,depth0,helpers,partials,data) {
    var stack1, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "-A KUBE-SERVICES "
    + ((stack1 = lookupProperty(helpers,"if").call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(depth0,"except"),{"name":"if","hash":{},"fn":container.program(1, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":3,"column":17},"end":{"line":3,"column":54}}})) != null ? stack1 : "")
    + "-m comment --comment \"kubernetes service nodeports; NOTE: this must be the last rule in this chain\" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS\n";
},"1":function(container,depth0,helpers,partials,data) {
    var stack1;

  return "! -d "
    + ((stack1 = container.lambda(container.strict(depth0, "except", {"start":{"line":3,"column":38},"end":{"line":3,"column":44}} ), depth0)) != null ? stack1 : "")
    + " ";
},"2":function(container,depth0,helpers,partials,data) {
    var stack1;

  return "-A KUBE-SERVICES -d "
    + ((stack1 = container.lambda(container.strict(depth0, "host", {"start":{"line":6,"column":22},"end":{"line":6,"column":26}} ), depth0)) != null ? stack1 : "")
    + " -m comment --comment \"kubernetes service nodeports; NOTE: this must be the last rule in this chain\" -j KUBE-NODEPORTS\n";
},"compiler":[8,">= 4.3.0"],"main":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=depth0 != null ? depth0 : (container.nullContext || {}), lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "*nat\n"
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"localNodePorts"),{"name":"each","hash":{},"fn":container.program(0, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":2,"column":0},"end":{"line":4,"column":9}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"listedNodePorts"),{"name":"each","hash":{},"fn":container.program(2, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":5,"column":0},"end":{"line":7,"column":9}}})) != null ? stack1 : "");
},"useData":true};
