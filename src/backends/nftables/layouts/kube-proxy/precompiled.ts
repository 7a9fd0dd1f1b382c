/** The templates of templates/nftables/kube-proxy/, precompiled by scripts/templates. */

// @ts-nocheck

import type { PrecompiledTemplate } from '../../../templates.js';

export const frame: PrecompiledTemplate = {"0":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda;

  return "add set "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":19,"column":10},"end":{"line":19,"column":12}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy nodeport-ips { type "
    + ((stack1 = alias2(alias1(depth0, "addr", {"start":{"line":19,"column":48},"end":{"line":19,"column":52}} ), depth0)) != null ? stack1 : "")
    + " ; comment \"IPs that accept NodePort traffic\" ; }\n";
},"1":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add element "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip", {"start":{"line":27,"column":14},"end":{"line":27,"column":22}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy nodeport-ips { "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":27,"column":53},"end":{"line":27,"column":55}} ), depth0)) != null ? stack1 : "")
    + " }\n";
},"2":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add rule "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip", {"start":{"line":44,"column":11},"end":{"line":44,"column":19}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy cluster-ips-check "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip", {"start":{"line":44,"column":53},"end":{"line":44,"column":61}} ), depth0)) != null ? stack1 : "")
    + " daddr "
    + ((stack1 = alias2(alias1(depth0, "networks", {"start":{"line":44,"column":72},"end":{"line":44,"column":80}} ), depth0)) != null ? stack1 : "")
    + " drop comment \"Drop traffic to unallocated ClusterIPs\"\n";
},"3":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda;

  return "add rule "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":49,"column":11},"end":{"line":49,"column":13}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy nodeport-endpoints-check "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":49,"column":54},"end":{"line":49,"column":56}} ), depth0)) != null ? stack1 : "")
    + " daddr != "
    + ((stack1 = alias2(alias1(depth0, "loopback", {"start":{"line":49,"column":70},"end":{"line":49,"column":78}} ), depth0)) != null ? stack1 : "")
    + " meta l4proto . th dport vmap @no-endpoint-nodeports\n";
},"4":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda;

  return "add rule "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":51,"column":11},"end":{"line":51,"column":13}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy nodeport-endpoints-check "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":51,"column":54},"end":{"line":51,"column":56}} ), depth0)) != null ? stack1 : "")
    + " daddr @nodeport-ips meta l4proto . th dport vmap @no-endpoint-nodeports\n";
},"5":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda;

  return "add rule "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":55,"column":11},"end":{"line":55,"column":13}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy services "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":55,"column":38},"end":{"line":55,"column":40}} ), depth0)) != null ? stack1 : "")
    + " daddr @cluster-ips mark set mark or "
    + ((stack1 = alias2(alias1(depth0, "mark", {"start":{"line":55,"column":81},"end":{"line":55,"column":85}} ), depth0)) != null ? stack1 : "")
    + " comment \"masquerade all clusterIP traffic\"\n";
},"6":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add rule "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip", {"start":{"line":58,"column":11},"end":{"line":58,"column":19}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy services "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip", {"start":{"line":58,"column":44},"end":{"line":58,"column":52}} ), depth0)) != null ? stack1 : "")
    + " daddr @cluster-ips "
    + ((stack1 = alias2(alias1(depth0, "match", {"start":{"line":58,"column":76},"end":{"line":58,"column":81}} ), depth0)) != null ? stack1 : "")
    + " mark set mark or "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "mark", {"start":{"line":58,"column":103},"end":{"line":58,"column":113}} ), depth0)) != null ? stack1 : "")
    + " comment \"masquerade clusterIP traffic from outside cluster\"\n";
},"7":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda;

  return "add rule "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":62,"column":11},"end":{"line":62,"column":13}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy services fib daddr type local "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":62,"column":59},"end":{"line":62,"column":61}} ), depth0)) != null ? stack1 : "")
    + " daddr != "
    + ((stack1 = alias2(alias1(depth0, "loopback", {"start":{"line":62,"column":75},"end":{"line":62,"column":83}} ), depth0)) != null ? stack1 : "")
    + " meta l4proto . th dport vmap @service-nodeports\n";
},"8":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda;

  return "add rule "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":64,"column":11},"end":{"line":64,"column":13}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy services "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":64,"column":38},"end":{"line":64,"column":40}} ), depth0)) != null ? stack1 : "")
    + " daddr @nodeport-ips meta l4proto . th dport vmap @service-nodeports\n";
},"compiler":[8,">= 4.3.0"],"main":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, alias3=depth0 != null ? depth0 : (container.nullContext || {}), lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add chain "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":1,"column":12},"end":{"line":1,"column":14}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy filter-prerouting-pre-dnat { type filter hook prerouting priority -110 ; }\nadd chain "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":2,"column":12},"end":{"line":2,"column":14}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy filter-output-pre-dnat { type filter hook output priority -110 ; }\nadd chain "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":3,"column":12},"end":{"line":3,"column":14}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy filter-input { type filter hook input priority 0 ; }\nadd chain "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":4,"column":12},"end":{"line":4,"column":14}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy filter-forward { type filter hook forward priority 0 ; }\nadd chain "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":5,"column":12},"end":{"line":5,"column":14}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy filter-output { type filter hook output priority 0 ; }\nadd chain "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":6,"column":12},"end":{"line":6,"column":14}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy nat-prerouting { type nat hook prerouting priority -100 ; }\nadd chain "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":7,"column":12},"end":{"line":7,"column":14}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy nat-output { type nat hook output priority -100 ; }\nadd chain "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":8,"column":12},"end":{"line":8,"column":14}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy nat-postrouting { type nat hook postrouting priority 100 ; }\nadd chain "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":9,"column":12},"end":{"line":9,"column":14}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy nodeport-endpoints-check\nadd chain "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":10,"column":12},"end":{"line":10,"column":14}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy service-endpoints-check\nadd chain "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":11,"column":12},"end":{"line":11,"column":14}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy firewall-check\nadd chain "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":12,"column":12},"end":{"line":12,"column":14}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy services\nadd chain "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":13,"column":12},"end":{"line":13,"column":14}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy masquerading\nadd chain "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":14,"column":12},"end":{"line":14,"column":14}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy cluster-ips-check\nadd chain "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":15,"column":12},"end":{"line":15,"column":14}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy reject-chain { comment \"helper for @no-endpoint-services / @no-endpoint-nodeports\" ; }\nadd set "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":16,"column":10},"end":{"line":16,"column":12}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy hairpin-connections { type "
    + ((stack1 = alias2(alias1(depth0, "addr", {"start":{"line":16,"column":55},"end":{"line":16,"column":59}} ), depth0)) != null ? stack1 : "")
    + " . "
    + ((stack1 = alias2(alias1(depth0, "addr", {"start":{"line":16,"column":66},"end":{"line":16,"column":70}} ), depth0)) != null ? stack1 : "")
    + " . inet_proto . inet_service ; comment \"service hairpin connections\" ; }\nadd set "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":17,"column":10},"end":{"line":17,"column":12}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy cluster-ips { type "
    + ((stack1 = alias2(alias1(depth0, "addr", {"start":{"line":17,"column":47},"end":{"line":17,"column":51}} ), depth0)) != null ? stack1 : "")
    + " ; comment \"Active ClusterIPs\" ; }\n"
    + ((stack1 = lookupProperty(helpers,"unless").call(alias3,lookupProperty(depth0,"everyNodePortIp"),{"name":"unless","hash":{},"fn":container.program(0, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":18,"column":0},"end":{"line":20,"column":11}}})) != null ? stack1 : "")
    + "add map "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":21,"column":10},"end":{"line":21,"column":12}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy no-endpoint-services { type "
    + ((stack1 = alias2(alias1(depth0, "addr", {"start":{"line":21,"column":56},"end":{"line":21,"column":60}} ), depth0)) != null ? stack1 : "")
    + " . inet_proto . inet_service : verdict ; comment \"vmap to drop or reject packets to services with no endpoints\" ; }\nadd map "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":22,"column":10},"end":{"line":22,"column":12}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy no-endpoint-nodeports { type inet_proto . inet_service : verdict ; comment \"vmap to drop or reject packets to service nodeports with no endpoints\" ; }\nadd map "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":23,"column":10},"end":{"line":23,"column":12}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy firewall-ips { type "
    + ((stack1 = alias2(alias1(depth0, "addr", {"start":{"line":23,"column":48},"end":{"line":23,"column":52}} ), depth0)) != null ? stack1 : "")
    + " . inet_proto . inet_service : verdict ; comment \"destinations that are subject to LoadBalancerSourceRanges\" ; }\nadd map "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":24,"column":10},"end":{"line":24,"column":12}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy service-ips { type "
    + ((stack1 = alias2(alias1(depth0, "addr", {"start":{"line":24,"column":47},"end":{"line":24,"column":51}} ), depth0)) != null ? stack1 : "")
    + " . inet_proto . inet_service : verdict ; comment \"ClusterIP, ExternalIP and LoadBalancer IP traffic\" ; }\nadd map "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":25,"column":10},"end":{"line":25,"column":12}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy service-nodeports { type inet_proto . inet_service : verdict ; comment \"NodePort traffic\" ; }\n"
    + ((stack1 = lookupProperty(helpers,"each").call(alias3,lookupProperty(depth0,"nodePortIps"),{"name":"each","hash":{},"fn":container.program(1, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":26,"column":0},"end":{"line":28,"column":9}}})) != null ? stack1 : "")
    + "add rule "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":29,"column":11},"end":{"line":29,"column":13}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy filter-input ct state new jump nodeport-endpoints-check\nadd rule "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":30,"column":11},"end":{"line":30,"column":13}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy filter-input ct state new jump service-endpoints-check\nadd rule "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":31,"column":11},"end":{"line":31,"column":13}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy filter-forward ct state new jump service-endpoints-check\nadd rule "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":32,"column":11},"end":{"line":32,"column":13}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy filter-forward ct state new jump cluster-ips-check\nadd rule "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":33,"column":11},"end":{"line":33,"column":13}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy filter-output ct state new jump service-endpoints-check\nadd rule "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":34,"column":11},"end":{"line":34,"column":13}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy filter-output ct state new jump cluster-ips-check\nadd rule "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":35,"column":11},"end":{"line":35,"column":13}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy filter-prerouting-pre-dnat ct state new jump firewall-check\nadd rule "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":36,"column":11},"end":{"line":36,"column":13}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy filter-output-pre-dnat ct state new jump firewall-check\nadd rule "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":37,"column":11},"end":{"line":37,"column":13}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy nat-output jump services\nadd rule "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":38,"column":11},"end":{"line":38,"column":13}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy nat-prerouting jump services\nadd rule "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":39,"column":11},"end":{"line":39,"column":13}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy nat-postrouting jump masquerading\nadd rule "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":40,"column":11},"end":{"line":40,"column":13}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy masquerading mark and "
    + ((stack1 = alias2(alias1(depth0, "mark", {"start":{"line":40,"column":51},"end":{"line":40,"column":55}} ), depth0)) != null ? stack1 : "")
    + " != 0 mark set mark xor "
    + ((stack1 = alias2(alias1(depth0, "mark", {"start":{"line":40,"column":83},"end":{"line":40,"column":87}} ), depth0)) != null ? stack1 : "")
    + " masquerade fully-random\nadd rule "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":41,"column":11},"end":{"line":41,"column":13}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy masquerading ct status dnat "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":41,"column":57},"end":{"line":41,"column":59}} ), depth0)) != null ? stack1 : "")
    + " saddr . "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":41,"column":72},"end":{"line":41,"column":74}} ), depth0)) != null ? stack1 : "")
    + " daddr . meta l4proto . th dport @hairpin-connections masquerade fully-random\nadd rule "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":42,"column":11},"end":{"line":42,"column":13}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy cluster-ips-check "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":42,"column":47},"end":{"line":42,"column":49}} ), depth0)) != null ? stack1 : "")
    + " daddr @cluster-ips reject comment \"Reject traffic to invalid ports of ClusterIPs\"\n"
    + ((stack1 = lookupProperty(helpers,"each").call(alias3,lookupProperty(depth0,"unallocated"),{"name":"each","hash":{},"fn":container.program(2, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":43,"column":0},"end":{"line":45,"column":9}}})) != null ? stack1 : "")
    + "add rule "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":46,"column":11},"end":{"line":46,"column":13}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy reject-chain reject\nadd rule "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":47,"column":11},"end":{"line":47,"column":13}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy service-endpoints-check "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":47,"column":53},"end":{"line":47,"column":55}} ), depth0)) != null ? stack1 : "")
    + " daddr . meta l4proto . th dport vmap @no-endpoint-services\n"
    + ((stack1 = lookupProperty(helpers,"if").call(alias3,lookupProperty(depth0,"everyNodePortIp"),{"name":"if","hash":{},"fn":container.program(3, data, 0),"inverse":container.program(4, data, 0),"data":data,"loc":{"start":{"line":48,"column":0},"end":{"line":52,"column":7}}})) != null ? stack1 : "")
    + "add rule "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":53,"column":11},"end":{"line":53,"column":13}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy firewall-check "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":53,"column":44},"end":{"line":53,"column":46}} ), depth0)) != null ? stack1 : "")
    + " daddr . meta l4proto . th dport vmap @firewall-ips\n"
    + ((stack1 = lookupProperty(helpers,"if").call(alias3,lookupProperty(depth0,"masqueradeAll"),{"name":"if","hash":{},"fn":container.program(5, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":54,"column":0},"end":{"line":56,"column":7}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias3,lookupProperty(depth0,"notLocal"),{"name":"each","hash":{},"fn":container.program(6, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":57,"column":0},"end":{"line":59,"column":9}}})) != null ? stack1 : "")
    + "add rule "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":60,"column":11},"end":{"line":60,"column":13}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy services "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":60,"column":38},"end":{"line":60,"column":40}} ), depth0)) != null ? stack1 : "")
    + " daddr . meta l4proto . th dport vmap @service-ips\n"
    + ((stack1 = lookupProperty(helpers,"if").call(alias3,lookupProperty(depth0,"everyNodePortIp"),{"name":"if","hash":{},"fn":container.program(7, data, 0),"inverse":container.program(8, data, 0),"data":data,"loc":{"start":{"line":61,"column":0},"end":{"line":65,"column":7}}})) != null ? stack1 : "");
},"useData":true};

export const port: PrecompiledTemplate = {"0":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add chain "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip", {"start":{"line":2,"column":12},"end":{"line":2,"column":20}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy "
    + ((stack1 = alias2(alias1(depth0, "chain", {"start":{"line":2,"column":36},"end":{"line":2,"column":41}} ), depth0)) != null ? stack1 : "")
    + "\n";
},"1":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add chain "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip", {"start":{"line":5,"column":12},"end":{"line":5,"column":20}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy endpoint-"
    + ((stack1 = alias2(alias1(depth0, "base", {"start":{"line":5,"column":45},"end":{"line":5,"column":49}} ), depth0)) != null ? stack1 : "")
    + "\n";
},"2":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add set "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip", {"start":{"line":8,"column":10},"end":{"line":8,"column":18}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy affinity-"
    + ((stack1 = alias2(alias1(depth0, "base", {"start":{"line":8,"column":43},"end":{"line":8,"column":47}} ), depth0)) != null ? stack1 : "")
    + " { type "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "addr", {"start":{"line":8,"column":59},"end":{"line":8,"column":69}} ), depth0)) != null ? stack1 : "")
    + " ; flags dynamic,timeout ; timeout "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "affinitySeconds", {"start":{"line":8,"column":108},"end":{"line":8,"column":129}} ), depth0)) != null ? stack1 : "")
    + "s ; }\n";
},"3":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add element "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip", {"start":{"line":11,"column":14},"end":{"line":11,"column":22}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy hairpin-connections { "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":11,"column":60},"end":{"line":11,"column":62}} ), depth0)) != null ? stack1 : "")
    + " . "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":11,"column":69},"end":{"line":11,"column":71}} ), depth0)) != null ? stack1 : "")
    + " . "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto", {"start":{"line":11,"column":78},"end":{"line":11,"column":89}} ), depth0)) != null ? stack1 : "")
    + " . "
    + ((stack1 = alias2(alias1(depth0, "port", {"start":{"line":11,"column":96},"end":{"line":11,"column":100}} ), depth0)) != null ? stack1 : "")
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
    + " kube-proxy cluster-ips { "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":14,"column":52},"end":{"line":14,"column":54}} ), depth0)) != null ? stack1 : "")
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
    + " kube-proxy service-ips { "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":17,"column":52},"end":{"line":17,"column":54}} ), depth0)) != null ? stack1 : "")
    + " . "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto", {"start":{"line":17,"column":61},"end":{"line":17,"column":72}} ), depth0)) != null ? stack1 : "")
    + " . "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "port", {"start":{"line":17,"column":79},"end":{"line":17,"column":89}} ), depth0)) != null ? stack1 : "")
    + " : goto "
    + ((stack1 = alias2(alias1(depth0, "chain", {"start":{"line":17,"column":101},"end":{"line":17,"column":106}} ), depth0)) != null ? stack1 : "")
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
    + " kube-proxy service-nodeports { "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto", {"start":{"line":20,"column":58},"end":{"line":20,"column":69}} ), depth0)) != null ? stack1 : "")
    + " . "
    + ((stack1 = alias2(alias1(depth0, "nodePort", {"start":{"line":20,"column":76},"end":{"line":20,"column":84}} ), depth0)) != null ? stack1 : "")
    + " : goto "
    + ((stack1 = alias2(alias1(depth0, "chain", {"start":{"line":20,"column":96},"end":{"line":20,"column":101}} ), depth0)) != null ? stack1 : "")
    + " }\n";
},"7":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add element "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip", {"start":{"line":23,"column":14},"end":{"line":23,"column":22}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy firewall-ips { "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":23,"column":53},"end":{"line":23,"column":55}} ), depth0)) != null ? stack1 : "")
    + " . "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto", {"start":{"line":23,"column":62},"end":{"line":23,"column":73}} ), depth0)) != null ? stack1 : "")
    + " . "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "port", {"start":{"line":23,"column":80},"end":{"line":23,"column":90}} ), depth0)) != null ? stack1 : "")
    + " : goto "
    + ((stack1 = alias2(alias1(depth0, "chain", {"start":{"line":23,"column":102},"end":{"line":23,"column":107}} ), depth0)) != null ? stack1 : "")
    + " }\n";
},"8":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add element "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip", {"start":{"line":26,"column":14},"end":{"line":26,"column":22}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy no-endpoint-services { "
    + ((stack1 = alias2(alias1(depth0, "ip", {"start":{"line":26,"column":61},"end":{"line":26,"column":63}} ), depth0)) != null ? stack1 : "")
    + " . "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto", {"start":{"line":26,"column":70},"end":{"line":26,"column":81}} ), depth0)) != null ? stack1 : "")
    + " . "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "port", {"start":{"line":26,"column":88},"end":{"line":26,"column":98}} ), depth0)) != null ? stack1 : "")
    + " comment \""
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "comment", {"start":{"line":26,"column":112},"end":{"line":26,"column":125}} ), depth0)) != null ? stack1 : "")
    + "\" : "
    + ((stack1 = alias2(alias1(depth0, "verdict", {"start":{"line":26,"column":133},"end":{"line":26,"column":140}} ), depth0)) != null ? stack1 : "")
    + " }\n";
},"9":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add element "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip", {"start":{"line":29,"column":14},"end":{"line":29,"column":22}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy no-endpoint-nodeports { "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto", {"start":{"line":29,"column":62},"end":{"line":29,"column":73}} ), depth0)) != null ? stack1 : "")
    + " . "
    + ((stack1 = alias2(alias1(depth0, "nodePort", {"start":{"line":29,"column":80},"end":{"line":29,"column":88}} ), depth0)) != null ? stack1 : "")
    + " comment \""
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "comment", {"start":{"line":29,"column":102},"end":{"line":29,"column":115}} ), depth0)) != null ? stack1 : "")
    + "\" : "
    + ((stack1 = alias2(alias1(depth0, "verdict", {"start":{"line":29,"column":123},"end":{"line":29,"column":130}} ), depth0)) != null ? stack1 : "")
    + " }\n";
},"10":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add rule "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip", {"start":{"line":32,"column":11},"end":{"line":32,"column":19}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy "
    + ((stack1 = alias2(alias1(depth0, "chain", {"start":{"line":32,"column":35},"end":{"line":32,"column":40}} ), depth0)) != null ? stack1 : "")
    + " mark set mark or "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "mark", {"start":{"line":32,"column":62},"end":{"line":32,"column":72}} ), depth0)) != null ? stack1 : "")
    + " comment \"masquerade\"\n";
},"11":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return ((stack1 = lookupProperty(helpers,"if").call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(depth0,"fromPod"),{"name":"if","hash":{},"fn":container.program(12, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":35,"column":0},"end":{"line":37,"column":7}}})) != null ? stack1 : "")
    + "add rule "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip", {"start":{"line":38,"column":11},"end":{"line":38,"column":19}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy "
    + ((stack1 = alias2(alias1(depth0, "chain", {"start":{"line":38,"column":35},"end":{"line":38,"column":40}} ), depth0)) != null ? stack1 : "")
    + " fib saddr type local mark set mark or "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "mark", {"start":{"line":38,"column":83},"end":{"line":38,"column":93}} ), depth0)) != null ? stack1 : "")
    + " comment \"masquerade local traffic\"\nadd rule "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip", {"start":{"line":39,"column":11},"end":{"line":39,"column":19}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy "
    + ((stack1 = alias2(alias1(depth0, "chain", {"start":{"line":39,"column":35},"end":{"line":39,"column":40}} ), depth0)) != null ? stack1 : "")
    + " fib saddr type local goto "
    + ((stack1 = alias2(alias1(depth0, "clusterChain", {"start":{"line":39,"column":71},"end":{"line":39,"column":83}} ), depth0)) != null ? stack1 : "")
    + " comment \"short-circuit local traffic\"\n";
},"12":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add rule "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip", {"start":{"line":36,"column":11},"end":{"line":36,"column":19}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy "
    + ((stack1 = alias2(alias1(depth0, "chain", {"start":{"line":36,"column":35},"end":{"line":36,"column":40}} ), depth0)) != null ? stack1 : "")
    + " "
    + ((stack1 = alias2(alias1(depth0, "fromPod", {"start":{"line":36,"column":45},"end":{"line":36,"column":52}} ), depth0)) != null ? stack1 : "")
    + " goto "
    + ((stack1 = alias2(alias1(depth0, "clusterChain", {"start":{"line":36,"column":62},"end":{"line":36,"column":74}} ), depth0)) != null ? stack1 : "")
    + " comment \"short-circuit pod traffic\"\n";
},"13":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add rule "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip", {"start":{"line":42,"column":11},"end":{"line":42,"column":19}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy "
    + ((stack1 = alias2(alias1(depth0, "chain", {"start":{"line":42,"column":35},"end":{"line":42,"column":40}} ), depth0)) != null ? stack1 : "")
    + " goto "
    + ((stack1 = alias2(alias1(depth0, "pool", {"start":{"line":42,"column":50},"end":{"line":42,"column":54}} ), depth0)) != null ? stack1 : "")
    + "\n";
},"14":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add rule "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip", {"start":{"line":45,"column":11},"end":{"line":45,"column":19}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy "
    + ((stack1 = alias2(alias1(depth0, "chain", {"start":{"line":45,"column":35},"end":{"line":45,"column":40}} ), depth0)) != null ? stack1 : "")
    + " "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip", {"start":{"line":45,"column":45},"end":{"line":45,"column":53}} ), depth0)) != null ? stack1 : "")
    + " saddr != "
    + ((stack1 = alias2(alias1(depth0, "sources", {"start":{"line":45,"column":67},"end":{"line":45,"column":74}} ), depth0)) != null ? stack1 : "")
    + " drop\n";
},"15":function(container,depth0,helpers,partials,data,blockParams,depths) {
    var stack1, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return ((stack1 = lookupProperty(helpers,"if").call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(lookupProperty(data,"root"),"affinitySeconds"),{"name":"if","hash":{},"fn":container.program(16, data, 0, blockParams, depths),"inverse":container.program(18, data, 0, blockParams, depths),"data":data,"loc":{"start":{"line":48,"column":0},"end":{"line":55,"column":7}}})) != null ? stack1 : "");
},"16":function(container,depth0,helpers,partials,data,blockParams,depths) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return ((stack1 = lookupProperty(helpers,"each").call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(depth0,"endpoints"),{"name":"each","hash":{},"fn":container.program(17, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":49,"column":0},"end":{"line":51,"column":9}}})) != null ? stack1 : "")
    + "add rule "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip", {"start":{"line":52,"column":11},"end":{"line":52,"column":19}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy "
    + ((stack1 = alias2(alias1(depth0, "chain", {"start":{"line":52,"column":35},"end":{"line":52,"column":40}} ), depth0)) != null ? stack1 : "")
    + " numgen random mod "
    + ((stack1 = alias2(alias1(depth0, "size", {"start":{"line":52,"column":63},"end":{"line":52,"column":67}} ), depth0)) != null ? stack1 : "")
    + " vmap { "
    + ((stack1 = alias2(alias1(depth0, "choices", {"start":{"line":52,"column":79},"end":{"line":52,"column":86}} ), depth0)) != null ? stack1 : "")
    + " }\n";
},"17":function(container,depth0,helpers,partials,data,blockParams,depths) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add rule "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip", {"start":{"line":50,"column":11},"end":{"line":50,"column":19}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy "
    + ((stack1 = alias2(alias1(depths[1], "chain", {"start":{"line":50,"column":35},"end":{"line":50,"column":43}} ), depth0)) != null ? stack1 : "")
    + " "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip", {"start":{"line":50,"column":48},"end":{"line":50,"column":56}} ), depth0)) != null ? stack1 : "")
    + " saddr @affinity-"
    + ((stack1 = alias2(alias1(depth0, "base", {"start":{"line":50,"column":77},"end":{"line":50,"column":81}} ), depth0)) != null ? stack1 : "")
    + " goto endpoint-"
    + ((stack1 = alias2(alias1(depth0, "base", {"start":{"line":50,"column":100},"end":{"line":50,"column":104}} ), depth0)) != null ? stack1 : "")
    + "\n";
},"18":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add rule "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip", {"start":{"line":54,"column":11},"end":{"line":54,"column":19}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy "
    + ((stack1 = alias2(alias1(depth0, "chain", {"start":{"line":54,"column":35},"end":{"line":54,"column":40}} ), depth0)) != null ? stack1 : "")
    + " meta l4proto "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto", {"start":{"line":54,"column":58},"end":{"line":54,"column":69}} ), depth0)) != null ? stack1 : "")
    + " dnat "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip", {"start":{"line":54,"column":79},"end":{"line":54,"column":87}} ), depth0)) != null ? stack1 : "")
    + " addr . port to numgen random mod "
    + ((stack1 = alias2(alias1(depth0, "size", {"start":{"line":54,"column":125},"end":{"line":54,"column":129}} ), depth0)) != null ? stack1 : "")
    + " map { "
    + ((stack1 = alias2(alias1(depth0, "choices", {"start":{"line":54,"column":140},"end":{"line":54,"column":147}} ), depth0)) != null ? stack1 : "")
    + " }\n";
},"19":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "add rule "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip", {"start":{"line":58,"column":11},"end":{"line":58,"column":19}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy endpoint-"
    + ((stack1 = alias2(alias1(depth0, "base", {"start":{"line":58,"column":44},"end":{"line":58,"column":48}} ), depth0)) != null ? stack1 : "")
    + " update @affinity-"
    + ((stack1 = alias2(alias1(depth0, "base", {"start":{"line":58,"column":70},"end":{"line":58,"column":74}} ), depth0)) != null ? stack1 : "")
    + " { "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip", {"start":{"line":58,"column":81},"end":{"line":58,"column":89}} ), depth0)) != null ? stack1 : "")
    + " saddr }\nadd rule "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "ip", {"start":{"line":59,"column":11},"end":{"line":59,"column":19}} ), depth0)) != null ? stack1 : "")
    + " kube-proxy endpoint-"
    + ((stack1 = alias2(alias1(depth0, "base", {"start":{"line":59,"column":44},"end":{"line":59,"column":48}} ), depth0)) != null ? stack1 : "")
    + " meta l4proto "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto", {"start":{"line":59,"column":66},"end":{"line":59,"column":77}} ), depth0)) != null ? stack1 : "")
    + " dnat to "
    + ((stack1 = alias2(alias1(depth0, "target", {"start":{"line":59,"column":90},"end":{"line":59,"column":96}} ), depth0)) != null ? stack1 : "")
    + "\n";
},"compiler":[8,">= 4.3.0"],"main":function(container,depth0,helpers,partials,data,blockParams,depths) {
    var stack1, alias1=depth0 != null ? depth0 : (container.nullContext || {}), lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"chains"),{"name":"each","hash":{},"fn":container.program(0, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":1,"column":0},"end":{"line":3,"column":9}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"sticky"),{"name":"each","hash":{},"fn":container.program(1, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":4,"column":0},"end":{"line":6,"column":9}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"sticky"),{"name":"each","hash":{},"fn":container.program(2, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":7,"column":0},"end":{"line":9,"column":9}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"hairpins"),{"name":"each","hash":{},"fn":container.program(3, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":10,"column":0},"end":{"line":12,"column":9}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"activeIps"),{"name":"each","hash":{},"fn":container.program(4, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":13,"column":0},"end":{"line":15,"column":9}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"services"),{"name":"each","hash":{},"fn":container.program(5, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":16,"column":0},"end":{"line":18,"column":9}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"nodePorts"),{"name":"each","hash":{},"fn":container.program(6, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":19,"column":0},"end":{"line":21,"column":9}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"firewalled"),{"name":"each","hash":{},"fn":container.program(7, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":22,"column":0},"end":{"line":24,"column":9}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"refused"),{"name":"each","hash":{},"fn":container.program(8, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":25,"column":0},"end":{"line":27,"column":9}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"refusedNodePorts"),{"name":"each","hash":{},"fn":container.program(9, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":28,"column":0},"end":{"line":30,"column":9}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"externalClusterPolicy"),{"name":"each","hash":{},"fn":container.program(10, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":31,"column":0},"end":{"line":33,"column":9}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"externalLocalPolicy"),{"name":"each","hash":{},"fn":container.program(11, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":34,"column":0},"end":{"line":40,"column":9}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"externalPools"),{"name":"each","hash":{},"fn":container.program(13, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":41,"column":0},"end":{"line":43,"column":9}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"firewall"),{"name":"each","hash":{},"fn":container.program(14, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":44,"column":0},"end":{"line":46,"column":9}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"pools"),{"name":"each","hash":{},"fn":container.program(15, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":47,"column":0},"end":{"line":56,"column":9}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"sticky"),{"name":"each","hash":{},"fn":container.program(19, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":57,"column":0},"end":{"line":60,"column":9}}})) != null ? stack1 : "");
},"useData":true,"useDepths":true};
