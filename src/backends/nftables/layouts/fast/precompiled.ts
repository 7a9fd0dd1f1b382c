/** The templates of templates/nftables/fast/, precompiled by scripts/templates. */

// @ts-nocheck

import type { PrecompiledTemplate } from '../../../templates.js';

export const frame: PrecompiledTemplate = {"0":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add map "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy endpoints-"
    + ((stack1 = alias2(alias1(depth0, "proto" ), depth0)) != null ? stack1 : "")
    + " { typeof "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip" ), depth0)) != null ? stack1 : "")
    + " daddr . meta l4proto . "
    + ((stack1 = alias2(alias1(depth0, "proto" ), depth0)) != null ? stack1 : "")
    + " dport . numgen random mod 65536 : "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip" ), depth0)) != null ? stack1 : "")
    + " daddr . "
    + ((stack1 = alias2(alias1(depth0, "proto" ), depth0)) != null ? stack1 : "")
    + " dport ; comment \"endpoints behind addresses, by number\" ; }\nadd map "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy local-endpoints-"
    + ((stack1 = alias2(alias1(depth0, "proto" ), depth0)) != null ? stack1 : "")
    + " { typeof "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip" ), depth0)) != null ? stack1 : "")
    + " daddr . meta l4proto . "
    + ((stack1 = alias2(alias1(depth0, "proto" ), depth0)) != null ? stack1 : "")
    + " dport . numgen random mod 65536 : "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip" ), depth0)) != null ? stack1 : "")
    + " daddr . "
    + ((stack1 = alias2(alias1(depth0, "proto" ), depth0)) != null ? stack1 : "")
    + " dport ; comment \"endpoints of this node behind addresses, by number\" ; }\nadd map "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy nodeport-endpoints-"
    + ((stack1 = alias2(alias1(depth0, "proto" ), depth0)) != null ? stack1 : "")
    + " { typeof meta l4proto . "
    + ((stack1 = alias2(alias1(depth0, "proto" ), depth0)) != null ? stack1 : "")
    + " dport . numgen random mod 65536 : "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip" ), depth0)) != null ? stack1 : "")
    + " daddr . "
    + ((stack1 = alias2(alias1(depth0, "proto" ), depth0)) != null ? stack1 : "")
    + " dport ; comment \"endpoints behind node ports, by number\" ; }\nadd map "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy nodeport-local-endpoints-"
    + ((stack1 = alias2(alias1(depth0, "proto" ), depth0)) != null ? stack1 : "")
    + " { typeof meta l4proto . "
    + ((stack1 = alias2(alias1(depth0, "proto" ), depth0)) != null ? stack1 : "")
    + " dport . numgen random mod 65536 : "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip" ), depth0)) != null ? stack1 : "")
    + " daddr . "
    + ((stack1 = alias2(alias1(depth0, "proto" ), depth0)) != null ? stack1 : "")
    + " dport ; comment \"endpoints of this node behind node ports, by number\" ; }\n";
},"compiler":[8,">= 4.3.0"],"main":function(container,depth0,helpers,partials,data) {
    var stack1, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return ((stack1 = lookupProperty(helpers,"each").call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(depth0,"protocols"),{"name":"each","hash":{},"fn":container.program(0, data, 0),"inverse":container.noop,"data":data})) != null ? stack1 : "");
},"useData":true};

export const port: PrecompiledTemplate = {"0":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add element "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy hairpin-connections { "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " . "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " . "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto" ), depth0)) != null ? stack1 : "")
    + " . "
    + ((stack1 = alias2(alias1(depth0, "port" ), depth0)) != null ? stack1 : "")
    + " }\n";
},"1":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add element "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy cluster-ips { "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " }\n";
},"2":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add element "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy service-ips { "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " . "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto" ), depth0)) != null ? stack1 : "")
    + " . "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "port" ), depth0)) != null ? stack1 : "")
    + " comment \""
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "comment" ), depth0)) != null ? stack1 : "")
    + "\" : goto "
    + ((stack1 = alias2(alias1(depth0, "chain" ), depth0)) != null ? stack1 : "")
    + " }\n";
},"3":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add element "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy service-nodeports { "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto" ), depth0)) != null ? stack1 : "")
    + " . "
    + ((stack1 = alias2(alias1(depth0, "nodePort" ), depth0)) != null ? stack1 : "")
    + " comment \""
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "comment" ), depth0)) != null ? stack1 : "")
    + "\" : goto "
    + ((stack1 = alias2(alias1(depth0, "chain" ), depth0)) != null ? stack1 : "")
    + " }\n";
},"4":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add element "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy no-endpoint-services { "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " . "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto" ), depth0)) != null ? stack1 : "")
    + " . "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "port" ), depth0)) != null ? stack1 : "")
    + " comment \""
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "comment" ), depth0)) != null ? stack1 : "")
    + "\" : "
    + ((stack1 = alias2(alias1(depth0, "verdict" ), depth0)) != null ? stack1 : "")
    + " }\n";
},"5":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add element "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy no-endpoint-nodeports { "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto" ), depth0)) != null ? stack1 : "")
    + " . "
    + ((stack1 = alias2(alias1(depth0, "nodePort" ), depth0)) != null ? stack1 : "")
    + " comment \""
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "comment" ), depth0)) != null ? stack1 : "")
    + "\" : "
    + ((stack1 = alias2(alias1(depth0, "verdict" ), depth0)) != null ? stack1 : "")
    + " }\n";
},"6":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add element "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy "
    + ((stack1 = alias2(alias1(depth0, "map" ), depth0)) != null ? stack1 : "")
    + " { "
    + ((stack1 = alias2(alias1(depth0, "key" ), depth0)) != null ? stack1 : "")
    + " . "
    + ((stack1 = alias2(alias1(depth0, "number" ), depth0)) != null ? stack1 : "")
    + " : "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " . "
    + ((stack1 = alias2(alias1(depth0, "port" ), depth0)) != null ? stack1 : "")
    + " }\n";
},"compiler":[8,">= 4.3.0"],"main":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=depth0 != null ? depth0 : (container.nullContext || {}), lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"hairpins"),{"name":"each","hash":{},"fn":container.program(0, data, 0),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"activeIps"),{"name":"each","hash":{},"fn":container.program(1, data, 0),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"services"),{"name":"each","hash":{},"fn":container.program(2, data, 0),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"nodePorts"),{"name":"each","hash":{},"fn":container.program(3, data, 0),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"refused"),{"name":"each","hash":{},"fn":container.program(4, data, 0),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"refusedNodePorts"),{"name":"each","hash":{},"fn":container.program(5, data, 0),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"numbered"),{"name":"each","hash":{},"fn":container.program(6, data, 0),"inverse":container.noop,"data":data})) != null ? stack1 : "");
},"useData":true};

export const shared: PrecompiledTemplate = {"0":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add rule "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "chain" ), depth0)) != null ? stack1 : "")
    + " dnat "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip" ), depth0)) != null ? stack1 : "")
    + " addr . port to "
    + ((stack1 = alias2(alias1(depth0, "key" ), depth0)) != null ? stack1 : "")
    + " . numgen random mod "
    + ((stack1 = alias2(alias1(depth0, "size" ), depth0)) != null ? stack1 : "")
    + " map @"
    + ((stack1 = alias2(alias1(depth0, "map" ), depth0)) != null ? stack1 : "")
    + "\n"
    + ((stack1 = lookupProperty(helpers,"if").call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(depth0,"again"),{"name":"if","hash":{},"fn":container.program(1, data, 0),"inverse":container.noop,"data":data})) != null ? stack1 : "");
},"1":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add rule "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "chain" ), depth0)) != null ? stack1 : "")
    + " dnat "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip" ), depth0)) != null ? stack1 : "")
    + " addr . port to "
    + ((stack1 = alias2(alias1(depth0, "key" ), depth0)) != null ? stack1 : "")
    + " . numgen random mod 1 map @"
    + ((stack1 = alias2(alias1(depth0, "map" ), depth0)) != null ? stack1 : "")
    + " comment \"the number was taken away meanwhile\"\n";
},"2":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add rule "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy "
    + ((stack1 = alias2(alias1(depth0, "chain" ), depth0)) != null ? stack1 : "")
    + " mark set mark or "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "mark" ), depth0)) != null ? stack1 : "")
    + " comment \"masquerade\"\n";
},"3":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return ((stack1 = lookupProperty(helpers,"if").call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(depth0,"fromPod"),{"name":"if","hash":{},"fn":container.program(4, data, 0),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + "add rule "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy "
    + ((stack1 = alias2(alias1(depth0, "chain" ), depth0)) != null ? stack1 : "")
    + " fib saddr type local mark set mark or "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "mark" ), depth0)) != null ? stack1 : "")
    + " comment \"masquerade local traffic\"\nadd rule "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy "
    + ((stack1 = alias2(alias1(depth0, "chain" ), depth0)) != null ? stack1 : "")
    + " fib saddr type local goto "
    + ((stack1 = alias2(alias1(depth0, "clusterChain" ), depth0)) != null ? stack1 : "")
    + " comment \"short-circuit local traffic\"\n";
},"4":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add rule "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy "
    + ((stack1 = alias2(alias1(depth0, "chain" ), depth0)) != null ? stack1 : "")
    + " "
    + ((stack1 = alias2(alias1(depth0, "fromPod" ), depth0)) != null ? stack1 : "")
    + " goto "
    + ((stack1 = alias2(alias1(depth0, "clusterChain" ), depth0)) != null ? stack1 : "")
    + " comment \"short-circuit pod traffic\"\n";
},"5":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add rule "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy "
    + ((stack1 = alias2(alias1(depth0, "chain" ), depth0)) != null ? stack1 : "")
    + " goto "
    + ((stack1 = alias2(alias1(depth0, "pool" ), depth0)) != null ? stack1 : "")
    + "\n";
},"compiler":[8,">= 4.3.0"],"main":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, alias3=depth0 != null ? depth0 : (container.nullContext || {}), lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add chain "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy "
    + ((stack1 = alias2(alias1(depth0, "chain" ), depth0)) != null ? stack1 : "")
    + "\n"
    + ((stack1 = lookupProperty(helpers,"each").call(alias3,lookupProperty(depth0,"pick"),{"name":"each","hash":{},"fn":container.program(0, data, 0),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias3,lookupProperty(depth0,"externalClusterPolicy"),{"name":"each","hash":{},"fn":container.program(2, data, 0),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias3,lookupProperty(depth0,"externalLocalPolicy"),{"name":"each","hash":{},"fn":container.program(3, data, 0),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias3,lookupProperty(depth0,"externalPools"),{"name":"each","hash":{},"fn":container.program(5, data, 0),"inverse":container.noop,"data":data})) != null ? stack1 : "");
},"useData":true};
