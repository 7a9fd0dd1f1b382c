/** The templates of templates/nftables/fast/, precompiled by scripts/templates. */

// @ts-nocheck

import type { PrecompiledTemplate } from '../../../templates.js';

export const frame: PrecompiledTemplate = {"compiler":[8,">= 4.3.0"],"main":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda;

  return "add map "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":1,"column":10},"end":{"line":1,"column":12}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy endpoints { typeof "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":1,"column":47},"end":{"line":1,"column":49}} ), depth0)) != null ? stack1 : "")
    + " daddr . meta l4proto . th dport . numgen random mod 65536 : "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":1,"column":114},"end":{"line":1,"column":116}} ), depth0)) != null ? stack1 : "")
    + " daddr . th dport ; comment \"endpoints behind addresses, by number\" ; }\nadd map "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":2,"column":10},"end":{"line":2,"column":12}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy local-endpoints { typeof "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":2,"column":53},"end":{"line":2,"column":55}} ), depth0)) != null ? stack1 : "")
    + " daddr . meta l4proto . th dport . numgen random mod 65536 : "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":2,"column":120},"end":{"line":2,"column":122}} ), depth0)) != null ? stack1 : "")
    + " daddr . th dport ; comment \"endpoints of this node behind addresses, by number\" ; }\nadd map "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":3,"column":10},"end":{"line":3,"column":12}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy nodeport-endpoints { typeof meta l4proto . th dport . numgen random mod 65536 : "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":3,"column":108},"end":{"line":3,"column":110}} ), depth0)) != null ? stack1 : "")
    + " daddr . th dport ; comment \"endpoints behind node ports, by number\" ; }\nadd map "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":4,"column":10},"end":{"line":4,"column":12}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy nodeport-local-endpoints { typeof meta l4proto . th dport . numgen random mod 65536 : "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":4,"column":114},"end":{"line":4,"column":116}} ), depth0)) != null ? stack1 : "")
    + " daddr . th dport ; comment \"endpoints of this node behind node ports, by number\" ; }\n";
},"useData":true};

export const port: PrecompiledTemplate = {"0":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add element "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip", {"start":{"line":2,"column":14},"end":{"line":2,"column":22}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy hairpin-connections { "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":2,"column":60},"end":{"line":2,"column":62}} ), depth0)) != null ? stack1 : "")
    + " . "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":2,"column":69},"end":{"line":2,"column":71}} ), depth0)) != null ? stack1 : "")
    + " . "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto", {"start":{"line":2,"column":78},"end":{"line":2,"column":89}} ), depth0)) != null ? stack1 : "")
    + " . "
    + ((stack1 = alias2(alias1(depth0, "port", {"start":{"line":2,"column":96},"end":{"line":2,"column":100}} ), depth0)) != null ? stack1 : "")
    + " }\n";
},"1":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add element "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip", {"start":{"line":5,"column":14},"end":{"line":5,"column":22}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy cluster-ips { "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":5,"column":52},"end":{"line":5,"column":54}} ), depth0)) != null ? stack1 : "")
    + " }\n";
},"2":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add element "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip", {"start":{"line":8,"column":14},"end":{"line":8,"column":22}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy service-ips { "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":8,"column":52},"end":{"line":8,"column":54}} ), depth0)) != null ? stack1 : "")
    + " . "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto", {"start":{"line":8,"column":61},"end":{"line":8,"column":72}} ), depth0)) != null ? stack1 : "")
    + " . "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "port", {"start":{"line":8,"column":79},"end":{"line":8,"column":89}} ), depth0)) != null ? stack1 : "")
    + " comment \""
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "comment", {"start":{"line":8,"column":103},"end":{"line":8,"column":116}} ), depth0)) != null ? stack1 : "")
    + "\" : goto "
    + ((stack1 = alias2(alias1(depth0, "chain", {"start":{"line":8,"column":129},"end":{"line":8,"column":134}} ), depth0)) != null ? stack1 : "")
    + " }\n";
},"3":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add element "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip", {"start":{"line":11,"column":14},"end":{"line":11,"column":22}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy service-nodeports { "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto", {"start":{"line":11,"column":58},"end":{"line":11,"column":69}} ), depth0)) != null ? stack1 : "")
    + " . "
    + ((stack1 = alias2(alias1(depth0, "nodePort", {"start":{"line":11,"column":76},"end":{"line":11,"column":84}} ), depth0)) != null ? stack1 : "")
    + " comment \""
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "comment", {"start":{"line":11,"column":98},"end":{"line":11,"column":111}} ), depth0)) != null ? stack1 : "")
    + "\" : goto "
    + ((stack1 = alias2(alias1(depth0, "chain", {"start":{"line":11,"column":124},"end":{"line":11,"column":129}} ), depth0)) != null ? stack1 : "")
    + " }\n";
},"4":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add element "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip", {"start":{"line":14,"column":14},"end":{"line":14,"column":22}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy no-endpoint-services { "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":14,"column":61},"end":{"line":14,"column":63}} ), depth0)) != null ? stack1 : "")
    + " . "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto", {"start":{"line":14,"column":70},"end":{"line":14,"column":81}} ), depth0)) != null ? stack1 : "")
    + " . "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "port", {"start":{"line":14,"column":88},"end":{"line":14,"column":98}} ), depth0)) != null ? stack1 : "")
    + " comment \""
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "comment", {"start":{"line":14,"column":112},"end":{"line":14,"column":125}} ), depth0)) != null ? stack1 : "")
    + "\" : "
    + ((stack1 = alias2(alias1(depth0, "verdict", {"start":{"line":14,"column":133},"end":{"line":14,"column":140}} ), depth0)) != null ? stack1 : "")
    + " }\n";
},"5":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add element "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip", {"start":{"line":17,"column":14},"end":{"line":17,"column":22}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy no-endpoint-nodeports { "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto", {"start":{"line":17,"column":62},"end":{"line":17,"column":73}} ), depth0)) != null ? stack1 : "")
    + " . "
    + ((stack1 = alias2(alias1(depth0, "nodePort", {"start":{"line":17,"column":80},"end":{"line":17,"column":88}} ), depth0)) != null ? stack1 : "")
    + " comment \""
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "comment", {"start":{"line":17,"column":102},"end":{"line":17,"column":115}} ), depth0)) != null ? stack1 : "")
    + "\" : "
    + ((stack1 = alias2(alias1(depth0, "verdict", {"start":{"line":17,"column":123},"end":{"line":17,"column":130}} ), depth0)) != null ? stack1 : "")
    + " }\n";
},"6":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add element "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip", {"start":{"line":20,"column":14},"end":{"line":20,"column":22}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy "
    + ((stack1 = alias2(alias1(depth0, "map", {"start":{"line":20,"column":38},"end":{"line":20,"column":41}} ), depth0)) != null ? stack1 : "")
    + " { "
    + ((stack1 = alias2(alias1(depth0, "key", {"start":{"line":20,"column":48},"end":{"line":20,"column":51}} ), depth0)) != null ? stack1 : "")
    + " . "
    + ((stack1 = alias2(alias1(depth0, "number", {"start":{"line":20,"column":58},"end":{"line":20,"column":64}} ), depth0)) != null ? stack1 : "")
    + " : "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":20,"column":71},"end":{"line":20,"column":73}} ), depth0)) != null ? stack1 : "")
    + " . "
    + ((stack1 = alias2(alias1(depth0, "port", {"start":{"line":20,"column":80},"end":{"line":20,"column":84}} ), depth0)) != null ? stack1 : "")
    + " }\n";
},"compiler":[8,">= 4.3.0"],"main":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=depth0 != null ? depth0 : (container.nullContext || {}), lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"hairpins"),{"name":"each","hash":{},"fn":container.program(0, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":1,"column":0},"end":{"line":3,"column":9}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"activeIps"),{"name":"each","hash":{},"fn":container.program(1, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":4,"column":0},"end":{"line":6,"column":9}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"services"),{"name":"each","hash":{},"fn":container.program(2, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":7,"column":0},"end":{"line":9,"column":9}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"nodePorts"),{"name":"each","hash":{},"fn":container.program(3, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":10,"column":0},"end":{"line":12,"column":9}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"refused"),{"name":"each","hash":{},"fn":container.program(4, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":13,"column":0},"end":{"line":15,"column":9}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"refusedNodePorts"),{"name":"each","hash":{},"fn":container.program(5, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":16,"column":0},"end":{"line":18,"column":9}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"numbered"),{"name":"each","hash":{},"fn":container.program(6, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":19,"column":0},"end":{"line":21,"column":9}}})) != null ? stack1 : "");
},"useData":true};

export const shared: PrecompiledTemplate = {"0":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add rule "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip", {"start":{"line":3,"column":11},"end":{"line":3,"column":19}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "chain", {"start":{"line":3,"column":35},"end":{"line":3,"column":46}} ), depth0)) != null ? stack1 : "")
    + " meta l4proto { tcp, udp, sctp } dnat "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip", {"start":{"line":3,"column":88},"end":{"line":3,"column":96}} ), depth0)) != null ? stack1 : "")
    + " addr . port to "
    + ((stack1 = alias2(alias1(depth0, "key", {"start":{"line":3,"column":116},"end":{"line":3,"column":119}} ), depth0)) != null ? stack1 : "")
    + " . numgen random mod "
    + ((stack1 = alias2(alias1(depth0, "size", {"start":{"line":3,"column":144},"end":{"line":3,"column":148}} ), depth0)) != null ? stack1 : "")
    + " map @"
    + ((stack1 = alias2(alias1(depth0, "map", {"start":{"line":3,"column":158},"end":{"line":3,"column":161}} ), depth0)) != null ? stack1 : "")
    + "\n"
    + ((stack1 = lookupProperty(helpers,"if").call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(depth0,"again"),{"name":"if","hash":{},"fn":container.program(1, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":4,"column":0},"end":{"line":6,"column":7}}})) != null ? stack1 : "");
},"1":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add rule "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip", {"start":{"line":5,"column":11},"end":{"line":5,"column":19}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "chain", {"start":{"line":5,"column":35},"end":{"line":5,"column":46}} ), depth0)) != null ? stack1 : "")
    + " meta l4proto { tcp, udp, sctp } dnat "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip", {"start":{"line":5,"column":88},"end":{"line":5,"column":96}} ), depth0)) != null ? stack1 : "")
    + " addr . port to "
    + ((stack1 = alias2(alias1(depth0, "key", {"start":{"line":5,"column":116},"end":{"line":5,"column":119}} ), depth0)) != null ? stack1 : "")
    + " . numgen random mod 1 map @"
    + ((stack1 = alias2(alias1(depth0, "map", {"start":{"line":5,"column":151},"end":{"line":5,"column":154}} ), depth0)) != null ? stack1 : "")
    + " comment \"the number was taken away meanwhile\"\n";
},"2":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add rule "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip", {"start":{"line":9,"column":11},"end":{"line":9,"column":19}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy "
    + ((stack1 = alias2(alias1(depth0, "chain", {"start":{"line":9,"column":35},"end":{"line":9,"column":40}} ), depth0)) != null ? stack1 : "")
    + " mark set mark or "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "mark", {"start":{"line":9,"column":62},"end":{"line":9,"column":72}} ), depth0)) != null ? stack1 : "")
    + " comment \"masquerade\"\n";
},"3":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return ((stack1 = lookupProperty(helpers,"if").call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(depth0,"fromPod"),{"name":"if","hash":{},"fn":container.program(4, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":12,"column":0},"end":{"line":14,"column":7}}})) != null ? stack1 : "")
    + "add rule "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip", {"start":{"line":15,"column":11},"end":{"line":15,"column":19}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy "
    + ((stack1 = alias2(alias1(depth0, "chain", {"start":{"line":15,"column":35},"end":{"line":15,"column":40}} ), depth0)) != null ? stack1 : "")
    + " fib saddr type local mark set mark or "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "mark", {"start":{"line":15,"column":83},"end":{"line":15,"column":93}} ), depth0)) != null ? stack1 : "")
    + " comment \"masquerade local traffic\"\nadd rule "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip", {"start":{"line":16,"column":11},"end":{"line":16,"column":19}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy "
    + ((stack1 = alias2(alias1(depth0, "chain", {"start":{"line":16,"column":35},"end":{"line":16,"column":40}} ), depth0)) != null ? stack1 : "")
    + " fib saddr type local goto "
    + ((stack1 = alias2(alias1(depth0, "clusterChain", {"start":{"line":16,"column":71},"end":{"line":16,"column":83}} ), depth0)) != null ? stack1 : "")
    + " comment \"short-circuit local traffic\"\n";
},"4":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add rule "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip", {"start":{"line":13,"column":11},"end":{"line":13,"column":19}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy "
    + ((stack1 = alias2(alias1(depth0, "chain", {"start":{"line":13,"column":35},"end":{"line":13,"column":40}} ), depth0)) != null ? stack1 : "")
    + " "
    + ((stack1 = alias2(alias1(depth0, "fromPod", {"start":{"line":13,"column":45},"end":{"line":13,"column":52}} ), depth0)) != null ? stack1 : "")
    + " goto "
    + ((stack1 = alias2(alias1(depth0, "clusterChain", {"start":{"line":13,"column":62},"end":{"line":13,"column":74}} ), depth0)) != null ? stack1 : "")
    + " comment \"short-circuit pod traffic\"\n";
},"5":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add rule "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip", {"start":{"line":19,"column":11},"end":{"line":19,"column":19}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy "
    + ((stack1 = alias2(alias1(depth0, "chain", {"start":{"line":19,"column":35},"end":{"line":19,"column":40}} ), depth0)) != null ? stack1 : "")
    + " goto "
    + ((stack1 = alias2(alias1(depth0, "pool", {"start":{"line":19,"column":50},"end":{"line":19,"column":54}} ), depth0)) != null ? stack1 : "")
    + "\n";
},"compiler":[8,">= 4.3.0"],"main":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, alias3=depth0 != null ? depth0 : (container.nullContext || {}), lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add chain "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":1,"column":12},"end":{"line":1,"column":14}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy "
    + ((stack1 = alias2(alias1(depth0, "chain", {"start":{"line":1,"column":30},"end":{"line":1,"column":35}} ), depth0)) != null ? stack1 : "")
    + "\n"
    + ((stack1 = lookupProperty(helpers,"each").call(alias3,lookupProperty(depth0,"pick"),{"name":"each","hash":{},"fn":container.program(0, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":2,"column":0},"end":{"line":7,"column":9}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias3,lookupProperty(depth0,"externalClusterPolicy"),{"name":"each","hash":{},"fn":container.program(2, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":8,"column":0},"end":{"line":10,"column":9}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias3,lookupProperty(depth0,"externalLocalPolicy"),{"name":"each","hash":{},"fn":container.program(3, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":11,"column":0},"end":{"line":17,"column":9}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias3,lookupProperty(depth0,"externalPools"),{"name":"each","hash":{},"fn":container.program(5, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":18,"column":0},"end":{"line":20,"column":9}}})) != null ? stack1 : "");
},"useData":true};
