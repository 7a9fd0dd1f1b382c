/** The templates of templates/iptables/fast/, precompiled by scripts/templates. */

// @ts-nocheck

import type { PrecompiledTemplate } from '../../../templates.js';

export const frame: PrecompiledTemplate = {"compiler":[8,">= 4.3.0"],"main":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda;

  return "*nat\n-A KUBE-POSTROUTING -m mark ! --mark "
    + ((stack1 = alias2(alias1(depth0, "mark" ), depth0)) != null ? stack1 : "")
    + "/"
    + ((stack1 = alias2(alias1(depth0, "mark" ), depth0)) != null ? stack1 : "")
    + " -m conntrack --ctstate DNAT -m comment --comment \"kubernetes service hairpin traffic\" -m bpf --bytecode \""
    + ((stack1 = alias2(alias1(depth0, "hairpinProgram" ), depth0)) != null ? stack1 : "")
    + "\" -j MASQUERADE --random-fully\n";
},"useData":true};

export const port: PrecompiledTemplate = {"0":function(container,depth0,helpers,partials,data) {
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
    + " "
    + ((stack1 = alias2(alias1(depth0, "words" ), depth0)) != null ? stack1 : "")
    + "\" -m "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto" ), depth0)) != null ? stack1 : "")
    + " --dport "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "port" ), depth0)) != null ? stack1 : "")
    + " -j DNAT --to-destination "
    + ((stack1 = alias2(alias1(depth0, "destination" ), depth0)) != null ? stack1 : "")
    + "\n";
},"1":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "-A "
    + ((stack1 = alias2(alias1(depth0, "chain" ), depth0)) != null ? stack1 : "")
    + " -p "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto" ), depth0)) != null ? stack1 : "")
    + " "
    + ((stack1 = lookupProperty(helpers,"if").call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(lookupProperty(data,"root"),"comments"),{"name":"if","hash":{},"fn":container.program(2, data, 0),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + "-m recent --rcheck --seconds "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "affinitySeconds" ), depth0)) != null ? stack1 : "")
    + " --reap --name "
    + ((stack1 = alias2(alias1(depth0, "list" ), depth0)) != null ? stack1 : "")
    + " --mask "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "hostMask" ), depth0)) != null ? stack1 : "")
    + " --rsource -m recent --set --name "
    + ((stack1 = alias2(alias1(depth0, "list" ), depth0)) != null ? stack1 : "")
    + " --mask "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "hostMask" ), depth0)) != null ? stack1 : "")
    + " --rsource -j DNAT --to-destination "
    + ((stack1 = alias2(alias1(depth0, "destination" ), depth0)) != null ? stack1 : "")
    + "\n";
},"2":function(container,depth0,helpers,partials,data) {
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
},"3":function(container,depth0,helpers,partials,data,blockParams,depths) {
    var stack1, alias1=depth0 != null ? depth0 : (container.nullContext || {}), lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"parts"),{"name":"each","hash":{},"fn":container.program(4, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"endpoints"),{"name":"each","hash":{},"fn":container.program(7, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "");
},"4":function(container,depth0,helpers,partials,data,blockParams,depths) {
    var stack1, alias1=container.strict, alias2=container.lambda, alias3=depth0 != null ? depth0 : (container.nullContext || {}), lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "-A "
    + ((stack1 = alias2(alias1(depths[1], "chain" ), depth0)) != null ? stack1 : "")
    + " "
    + ((stack1 = lookupProperty(helpers,"if").call(alias3,lookupProperty(lookupProperty(data,"root"),"comments"),{"name":"if","hash":{},"fn":container.program(5, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"if").call(alias3,lookupProperty(depth0,"probability"),{"name":"if","hash":{},"fn":container.program(6, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + "-g "
    + ((stack1 = alias2(alias1(depth0, "chain" ), depth0)) != null ? stack1 : "")
    + "\n";
},"5":function(container,depth0,helpers,partials,data) {
    var stack1, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "-m comment --comment \""
    + ((stack1 = container.lambda(container.strict(lookupProperty(data,"root"), "id" ), depth0)) != null ? stack1 : "")
    + "\" ";
},"6":function(container,depth0,helpers,partials,data) {
    var stack1;

  return "-m statistic --mode random --probability "
    + ((stack1 = container.lambda(container.strict(depth0, "probability" ), depth0)) != null ? stack1 : "")
    + " ";
},"7":function(container,depth0,helpers,partials,data,blockParams,depths) {
    var stack1, alias1=container.strict, alias2=container.lambda, alias3=depth0 != null ? depth0 : (container.nullContext || {}), lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "-A "
    + ((stack1 = alias2(alias1(depths[1], "chain" ), depth0)) != null ? stack1 : "")
    + " -p "
    + ((stack1 = alias2(alias1(lookupProperty(data,"root"), "proto" ), depth0)) != null ? stack1 : "")
    + " "
    + ((stack1 = lookupProperty(helpers,"if").call(alias3,lookupProperty(lookupProperty(data,"root"),"comments"),{"name":"if","hash":{},"fn":container.program(2, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"if").call(alias3,lookupProperty(depth0,"probability"),{"name":"if","hash":{},"fn":container.program(6, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"if").call(alias3,lookupProperty(lookupProperty(data,"root"),"affinitySeconds"),{"name":"if","hash":{},"fn":container.program(8, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + "-j DNAT --to-destination "
    + ((stack1 = alias2(alias1(depth0, "destination" ), depth0)) != null ? stack1 : "")
    + "\n";
},"8":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "-m recent --set --name "
    + ((stack1 = alias2(alias1(depth0, "list" ), depth0)) != null ? stack1 : "")
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

  return ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"direct"),{"name":"each","hash":{},"fn":container.program(0, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"remembered"),{"name":"each","hash":{},"fn":container.program(1, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"draws"),{"name":"each","hash":{},"fn":container.program(3, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "");
},"useData":true,"useDepths":true};

export const tail: PrecompiledTemplate = {"compiler":[8,">= 4.3.0"],"main":function(container,depth0,helpers,partials,data) {
    var stack1;

  return "*filter\n-A KUBE-FORWARD -m conntrack --ctstate DNAT -m comment --comment \"kubernetes service hairpin traffic\" -m bpf --bytecode \""
    + ((stack1 = container.lambda(container.strict(depth0, "hairpinProgram" ), depth0)) != null ? stack1 : "")
    + "\" -j ACCEPT\n";
},"useData":true};

export const shared: PrecompiledTemplate = {"0":function(container,depth0,helpers,partials,data) {
    var stack1;

  return ":"
    + ((stack1 = container.lambda(container.strict(depth0, "chain" ), depth0)) != null ? stack1 : "")
    + " - [0:0]\n";
},"1":function(container,depth0,helpers,partials,data,blockParams,depths) {
    var stack1, alias1=container.strict, alias2=container.lambda, alias3=depth0 != null ? depth0 : (container.nullContext || {}), lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "-A "
    + ((stack1 = alias2(alias1(depths[1], "chain" ), depth0)) != null ? stack1 : "")
    + " "
    + ((stack1 = lookupProperty(helpers,"if").call(alias3,lookupProperty(depth0,"network"),{"name":"if","hash":{},"fn":container.program(2, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"if").call(alias3,lookupProperty(depth0,"proto"),{"name":"if","hash":{},"fn":container.program(3, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"if").call(alias3,lookupProperty(depth0,"ports"),{"name":"if","hash":{},"fn":container.program(4, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = alias2(alias1(depths[1], "lead" ), depth0)) != null ? stack1 : "")
    + " "
    + ((stack1 = alias2(alias1(depth0, "chain" ), depth0)) != null ? stack1 : "")
    + "\n";
},"2":function(container,depth0,helpers,partials,data) {
    var stack1;

  return "-d "
    + ((stack1 = container.lambda(container.strict(depth0, "network" ), depth0)) != null ? stack1 : "")
    + " ";
},"3":function(container,depth0,helpers,partials,data) {
    var stack1;

  return "-p "
    + ((stack1 = container.lambda(container.strict(depth0, "proto" ), depth0)) != null ? stack1 : "")
    + " ";
},"4":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=container.lambda;

  return "-m "
    + ((stack1 = alias2(alias1(depth0, "proto" ), depth0)) != null ? stack1 : "")
    + " --dport "
    + ((stack1 = alias2(alias1(depth0, "ports" ), depth0)) != null ? stack1 : "")
    + " ";
},"compiler":[8,">= 4.3.0"],"main":function(container,depth0,helpers,partials,data,blockParams,depths) {
    var stack1, alias1=depth0 != null ? depth0 : (container.nullContext || {}), lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "*"
    + ((stack1 = container.lambda(container.strict(depth0, "table" ), depth0)) != null ? stack1 : "")
    + "\n"
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"nodes"),{"name":"each","hash":{},"fn":container.program(0, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"nodes"),{"name":"each","hash":{},"fn":container.program(1, data, 0, blockParams, depths),"inverse":container.noop,"data":data})) != null ? stack1 : "");
},"useData":true,"useDepths":true};
