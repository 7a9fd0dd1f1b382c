/** The templates of templates/nftables/kube-proxy/, precompiled by scripts/templates. */

// @ts-nocheck

import type { PrecompiledTemplate } from '../../../templates.js';

export const frame: PrecompiledTemplate = {"0":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda;

  return "add set "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy nodeport-ips { type "
    + ((stack1 = alias2(alias1(depth0, "addr" ), depth0)) != null ? stack1 : "")
    + " ; comment \"IPs that accept NodePort traffic\" ; }\n";
},"1":function(container,depth0,helpers,partials,data) {
    var stack1;

  return "add map "
    + ((stack1 = container.lambda(container.strict(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy localhost-nodeport-reject-ports { type inet_proto . inet_service : verdict ; comment \"localhost NodePorts rejected by kube-proxy\" ; }\n";
},"2":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add counter "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy localhost-nodeport-rejected-"
    + ((stack1 = alias2(alias1(depth0, "proto" ), depth0)) != null ? stack1 : "")
    + "\nadd chain "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy localhost-nodeport-reject-"
    + ((stack1 = alias2(alias1(depth0, "proto" ), depth0)) != null ? stack1 : "")
    + "\nadd rule "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy localhost-nodeport-reject-"
    + ((stack1 = alias2(alias1(depth0, "proto" ), depth0)) != null ? stack1 : "")
    + " counter name \"localhost-nodeport-rejected-"
    + ((stack1 = alias2(alias1(depth0, "proto" ), depth0)) != null ? stack1 : "")
    + "\" reject\n";
},"3":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add element "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy nodeport-ips { "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " }\n";
},"4":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add rule "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy cluster-ips-check "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip" ), depth0)) != null ? stack1 : "")
    + " daddr "
    + ((stack1 = alias2(alias1(depth0, "networks" ), depth0)) != null ? stack1 : "")
    + " drop comment \"Drop traffic to unallocated ClusterIPs\"\n";
},"5":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda;

  return "add rule "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy nodeport-endpoints-check "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " daddr != "
    + ((stack1 = alias2(alias1(depth0, "loopback" ), depth0)) != null ? stack1 : "")
    + " meta l4proto . th dport vmap @no-endpoint-nodeports\n";
},"6":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda;

  return "add rule "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy nodeport-endpoints-check "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " daddr @nodeport-ips meta l4proto . th dport vmap @no-endpoint-nodeports\n";
},"7":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda;

  return "add rule "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy nodeport-endpoints-check "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " daddr "
    + ((stack1 = alias2(alias1(depth0, "loopback" ), depth0)) != null ? stack1 : "")
    + " meta l4proto . th dport vmap @localhost-nodeport-reject-ports\n";
},"8":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda;

  return "add rule "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy services "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " daddr @cluster-ips mark set mark or "
    + ((stack1 = alias2(alias1(depth0, "mark" ), depth0)) != null ? stack1 : "")
    + " comment \"masquerade all clusterIP traffic\"\n";
},"9":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add rule "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy services "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip" ), depth0)) != null ? stack1 : "")
    + " daddr @cluster-ips "
    + ((stack1 = alias2(alias1(depth0, "match" ), depth0)) != null ? stack1 : "")
    + " mark set mark or "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "mark" ), depth0)) != null ? stack1 : "")
    + " comment \"masquerade clusterIP traffic from outside cluster\"\n";
},"10":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda;

  return "add rule "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy services fib daddr type local "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " daddr != "
    + ((stack1 = alias2(alias1(depth0, "loopback" ), depth0)) != null ? stack1 : "")
    + " meta l4proto . th dport vmap @service-nodeports\n";
},"11":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda;

  return "add rule "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy services "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " daddr @nodeport-ips meta l4proto . th dport vmap @service-nodeports\n";
},"compiler":[8,">= 4.3.0"],"main":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, alias3=depth0 != null ? depth0 : (container.nullContext || {}), lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add chain "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy filter-prerouting-pre-dnat { type filter hook prerouting priority -110 ; }\nadd chain "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy filter-output-pre-dnat { type filter hook output priority -110 ; }\nadd chain "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy filter-input { type filter hook input priority 0 ; }\nadd chain "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy filter-forward { type filter hook forward priority 0 ; }\nadd chain "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy filter-output { type filter hook output priority 0 ; }\nadd chain "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy nat-prerouting { type nat hook prerouting priority -100 ; }\nadd chain "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy nat-output { type nat hook output priority -100 ; }\nadd chain "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy nat-postrouting { type nat hook postrouting priority 100 ; }\nadd chain "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy nodeport-endpoints-check\nadd chain "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy service-endpoints-check\nadd chain "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy firewall-check\nadd chain "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy services\nadd chain "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy masquerading\nadd chain "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy cluster-ips-check\nadd chain "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy reject-chain { comment \"helper for @no-endpoint-services / @no-endpoint-nodeports\" ; }\nadd set "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy hairpin-connections { type "
    + ((stack1 = alias2(alias1(depth0, "addr" ), depth0)) != null ? stack1 : "")
    + " . "
    + ((stack1 = alias2(alias1(depth0, "addr" ), depth0)) != null ? stack1 : "")
    + " . inet_proto . inet_service ; comment \"service hairpin connections\" ; }\nadd set "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy cluster-ips { type "
    + ((stack1 = alias2(alias1(depth0, "addr" ), depth0)) != null ? stack1 : "")
    + " ; comment \"Active ClusterIPs\" ; }\n"
    + ((stack1 = lookupProperty(helpers,"unless").call(alias3,lookupProperty(depth0,"everyNodePortIp"),{"name":"unless","hash":{},"fn":container.program(0, data, 0),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + "add map "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy no-endpoint-services { type "
    + ((stack1 = alias2(alias1(depth0, "addr" ), depth0)) != null ? stack1 : "")
    + " . inet_proto . inet_service : verdict ; comment \"vmap to drop or reject packets to services with no endpoints\" ; }\nadd map "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy no-endpoint-nodeports { type inet_proto . inet_service : verdict ; comment \"vmap to drop or reject packets to service nodeports with no endpoints\" ; }\n"
    + ((stack1 = lookupProperty(helpers,"if").call(alias3,lookupProperty(depth0,"checksLoopback"),{"name":"if","hash":{},"fn":container.program(1, data, 0),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias3,lookupProperty(depth0,"refusedOnLoopback"),{"name":"each","hash":{},"fn":container.program(2, data, 0),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + "add map "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy firewall-ips { type "
    + ((stack1 = alias2(alias1(depth0, "addr" ), depth0)) != null ? stack1 : "")
    + " . inet_proto . inet_service : verdict ; comment \"destinations that are subject to LoadBalancerSourceRanges\" ; }\nadd map "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy service-ips { type "
    + ((stack1 = alias2(alias1(depth0, "addr" ), depth0)) != null ? stack1 : "")
    + " . inet_proto . inet_service : verdict ; comment \"ClusterIP, ExternalIP and LoadBalancer IP traffic\" ; }\nadd map "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy service-nodeports { type inet_proto . inet_service : verdict ; comment \"NodePort traffic\" ; }\n"
    + ((stack1 = lookupProperty(helpers,"each").call(alias3,lookupProperty(depth0,"nodePortIps"),{"name":"each","hash":{},"fn":container.program(3, data, 0),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + "add rule "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy filter-input ct state new jump nodeport-endpoints-check\nadd rule "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy filter-input ct state new jump service-endpoints-check\nadd rule "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy filter-forward ct state new jump service-endpoints-check\nadd rule "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy filter-forward ct state new jump cluster-ips-check\nadd rule "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy filter-output ct state new jump service-endpoints-check\nadd rule "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy filter-output ct state new jump cluster-ips-check\nadd rule "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy filter-prerouting-pre-dnat ct state new jump firewall-check\nadd rule "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy filter-output-pre-dnat ct state new jump firewall-check\nadd rule "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy nat-output jump services\nadd rule "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy nat-prerouting jump services\nadd rule "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy nat-postrouting jump masquerading\nadd rule "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy masquerading mark and "
    + ((stack1 = alias2(alias1(depth0, "mark" ), depth0)) != null ? stack1 : "")
    + " != 0 mark set mark xor "
    + ((stack1 = alias2(alias1(depth0, "mark" ), depth0)) != null ? stack1 : "")
    + " masquerade fully-random\nadd rule "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy masquerading ct status dnat "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " saddr . "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " daddr . meta l4proto . th dport @hairpin-connections masquerade fully-random\nadd rule "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy cluster-ips-check "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " daddr @cluster-ips reject comment \"Reject traffic to invalid ports of ClusterIPs\"\n"
    + ((stack1 = lookupProperty(helpers,"each").call(alias3,lookupProperty(depth0,"unallocated"),{"name":"each","hash":{},"fn":container.program(4, data, 0),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + "add rule "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy reject-chain reject\nadd rule "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy service-endpoints-check "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " daddr . meta l4proto . th dport vmap @no-endpoint-services\n"
    + ((stack1 = lookupProperty(helpers,"if").call(alias3,lookupProperty(depth0,"everyNodePortIp"),{"name":"if","hash":{},"fn":container.program(5, data, 0),"inverse":container.program(6, data, 0),"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"if").call(alias3,lookupProperty(depth0,"checksLoopback"),{"name":"if","hash":{},"fn":container.program(7, data, 0),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + "add rule "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy firewall-check "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " daddr . meta l4proto . th dport vmap @firewall-ips\n"
    + ((stack1 = lookupProperty(helpers,"if").call(alias3,lookupProperty(depth0,"masqueradeAll"),{"name":"if","hash":{},"fn":container.program(8, data, 0),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias3,lookupProperty(depth0,"notLocal"),{"name":"each","hash":{},"fn":container.program(9, data, 0),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + "add rule "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy services "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " daddr . meta l4proto . th dport vmap @service-ips\n"
    + ((stack1 = lookupProperty(helpers,"if").call(alias3,lookupProperty(depth0,"everyNodePortIp"),{"name":"if","hash":{},"fn":container.program(10, data, 0),"inverse":container.program(11, data, 0),"data":data})) != null ? stack1 : "");
},"useData":true};

export const port: PrecompiledTemplate = {"0":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add chain "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy "
    + ((stack1 = alias2(alias1(depth0, "chain" ), depth0)) != null ? stack1 : "")
    + "\n";
},"1":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add chain "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy endpoint-"
    + ((stack1 = alias2(alias1(depth0, "base" ), depth0)) != null ? stack1 : "")
    + "\n";
},"2":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add set "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy affinity-"
    + ((stack1 = alias2(alias1(depth0, "base" ), depth0)) != null ? stack1 : "")
    + " { type "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "addr" ), depth0)) != null ? stack1 : "")
    + " ; flags dynamic,timeout ; timeout "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "affinitySeconds" ), depth0)) != null ? stack1 : "")
    + "s ; }\n";
},"3":function(container,depth0,helpers,partials,data) {
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
},"4":function(container,depth0,helpers,partials,data) {
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
},"5":function(container,depth0,helpers,partials,data) {
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
    + " : goto "
    + ((stack1 = alias2(alias1(depth0, "chain" ), depth0)) != null ? stack1 : "")
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
    + " kube-proxy service-nodeports { "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto" ), depth0)) != null ? stack1 : "")
    + " . "
    + ((stack1 = alias2(alias1(depth0, "nodePort" ), depth0)) != null ? stack1 : "")
    + " : goto "
    + ((stack1 = alias2(alias1(depth0, "chain" ), depth0)) != null ? stack1 : "")
    + " }\n";
},"7":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add element "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy firewall-ips { "
    + ((stack1 = alias2(alias1(depth0, "ip" ), depth0)) != null ? stack1 : "")
    + " . "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto" ), depth0)) != null ? stack1 : "")
    + " . "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "port" ), depth0)) != null ? stack1 : "")
    + " : goto "
    + ((stack1 = alias2(alias1(depth0, "chain" ), depth0)) != null ? stack1 : "")
    + " }\n";
},"8":function(container,depth0,helpers,partials,data) {
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
},"9":function(container,depth0,helpers,partials,data) {
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
},"10":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add element "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy localhost-nodeport-reject-ports { "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto" ), depth0)) != null ? stack1 : "")
    + " . "
    + ((stack1 = alias2(alias1(depth0, "nodePort" ), depth0)) != null ? stack1 : "")
    + " : goto localhost-nodeport-reject-"
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto" ), depth0)) != null ? stack1 : "")
    + " }\n";
},"11":function(container,depth0,helpers,partials,data) {
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
},"12":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return ((stack1 = lookupProperty(helpers,"if").call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(depth0,"fromPod"),{"name":"if","hash":{},"fn":container.program(13, data, 0),"inverse":container.noop,"data":data})) != null ? stack1 : "")
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
},"13":function(container,depth0,helpers,partials,data) {
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
},"14":function(container,depth0,helpers,partials,data) {
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
},"15":function(container,depth0,helpers,partials,data) {
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
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip" ), depth0)) != null ? stack1 : "")
    + " saddr != "
    + ((stack1 = alias2(alias1(depth0, "sources" ), depth0)) != null ? stack1 : "")
    + " drop\n";
},"16":function(container,depth0,helpers,partials,data,blockParams,depths) {
    var stack1, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return ((stack1 = lookupProperty(helpers,"if").call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(lookupProperty(data,"root"),"affinitySeconds"),{"name":"if","hash":{},"fn":container.program(17, data, 0, blockParams, depths),"inverse":container.program(19, data, 0, blockParams, depths),"data":data})) != null ? stack1 : "");
},"17":function(container,depth0,helpers,partials,data,blockParams,depths) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return ((stack1 = lookupProperty(helpers,"each").call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(depth0,"endpoints"),{"name":"each","hash":{},"fn":container.program(18, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + "add rule "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy "
    + ((stack1 = alias2(alias1(depth0, "chain" ), depth0)) != null ? stack1 : "")
    + " numgen random mod "
    + ((stack1 = alias2(alias1(depth0, "size" ), depth0)) != null ? stack1 : "")
    + " vmap { "
    + ((stack1 = alias2(alias1(depth0, "choices" ), depth0)) != null ? stack1 : "")
    + " }\n";
},"18":function(container,depth0,helpers,partials,data,blockParams,depths) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add rule "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy "
    + ((stack1 = alias2(alias1(depths[1], "chain" ), depth0)) != null ? stack1 : "")
    + " "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip" ), depth0)) != null ? stack1 : "")
    + " saddr @affinity-"
    + ((stack1 = alias2(alias1(depth0, "base" ), depth0)) != null ? stack1 : "")
    + " goto endpoint-"
    + ((stack1 = alias2(alias1(depth0, "base" ), depth0)) != null ? stack1 : "")
    + "\n";
},"19":function(container,depth0,helpers,partials,data) {
    var stack1, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return ((stack1 = lookupProperty(helpers,"if").call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(depth0,"single"),{"name":"if","hash":{},"fn":container.program(20, data, 0),"inverse":container.program(21, data, 0),"data":data})) != null ? stack1 : "");
},"20":function(container,depth0,helpers,partials,data) {
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
    + " meta l4proto "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto" ), depth0)) != null ? stack1 : "")
    + " dnat to "
    + ((stack1 = alias2(alias1(depth0, "single" ), depth0)) != null ? stack1 : "")
    + "\n";
},"21":function(container,depth0,helpers,partials,data) {
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
    + " meta l4proto "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto" ), depth0)) != null ? stack1 : "")
    + " dnat "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip" ), depth0)) != null ? stack1 : "")
    + " addr . port to numgen random mod "
    + ((stack1 = alias2(alias1(depth0, "size" ), depth0)) != null ? stack1 : "")
    + " map { "
    + ((stack1 = alias2(alias1(depth0, "choices" ), depth0)) != null ? stack1 : "")
    + " }\n";
},"22":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add rule "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy endpoint-"
    + ((stack1 = alias2(alias1(depth0, "base" ), depth0)) != null ? stack1 : "")
    + " update @affinity-"
    + ((stack1 = alias2(alias1(depth0, "base" ), depth0)) != null ? stack1 : "")
    + " { "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip" ), depth0)) != null ? stack1 : "")
    + " saddr }\nadd rule "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip" ), depth0)) != null ? stack1 : "")
    + " kube-proxy endpoint-"
    + ((stack1 = alias2(alias1(depth0, "base" ), depth0)) != null ? stack1 : "")
    + " meta l4proto "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto" ), depth0)) != null ? stack1 : "")
    + " dnat to "
    + ((stack1 = alias2(alias1(depth0, "target" ), depth0)) != null ? stack1 : "")
    + "\n";
},"compiler":[8,">= 4.3.0"],"main":function(container,depth0,helpers,partials,data,blockParams,depths) {
    var stack1, alias1=depth0 != null ? depth0 : (container.nullContext || {}), lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"chains"),{"name":"each","hash":{},"fn":container.program(0, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"chained"),{"name":"each","hash":{},"fn":container.program(1, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"chained"),{"name":"each","hash":{},"fn":container.program(2, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"hairpins"),{"name":"each","hash":{},"fn":container.program(3, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"activeIps"),{"name":"each","hash":{},"fn":container.program(4, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"services"),{"name":"each","hash":{},"fn":container.program(5, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"nodePorts"),{"name":"each","hash":{},"fn":container.program(6, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"firewalled"),{"name":"each","hash":{},"fn":container.program(7, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"refused"),{"name":"each","hash":{},"fn":container.program(8, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"refusedNodePorts"),{"name":"each","hash":{},"fn":container.program(9, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"refusedOnLoopback"),{"name":"each","hash":{},"fn":container.program(10, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"externalClusterPolicy"),{"name":"each","hash":{},"fn":container.program(11, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"externalLocalPolicy"),{"name":"each","hash":{},"fn":container.program(12, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"externalPools"),{"name":"each","hash":{},"fn":container.program(14, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"firewall"),{"name":"each","hash":{},"fn":container.program(15, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"pools"),{"name":"each","hash":{},"fn":container.program(16, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"chained"),{"name":"each","hash":{},"fn":container.program(22, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "");
},"useData":true,"useDepths":true};
