/** Rules about endpoints and how they meet their Service, which reading and compiling check. */

import { kep, type Rule } from '../rule.js';

const SLICES = kep(752);

/** The rules. */
export const ENDPOINT_RULES: readonly Rule[] = [
  {
    code: 'no-endpoints-given',
    severity: 'warning',
    title: 'The input has no endpoints of a Service',
    why: 'Connections to the Service are refused. Endpoints come from EndpointSlices, or from the Pods that the selector matches; a Deployment has none.',
    remedy: 'add the EndpointSlices or Pods to the input',
    references: [SLICES],
  },
  {
    code: 'no-matching-pods',
    severity: 'warning',
    title: 'A selector matches no Pod',
    why: 'The Service has no endpoints, so connections to it are refused. Every label of the selector must be on the Pod, in the same namespace.',
    remedy: 'compare spec.selector with kubectl get pods --show-labels',
    references: [],
  },
  {
    code: 'pod-without-address',
    severity: 'warning',
    title: 'A Pod has no address',
    why: 'It answers for no Service. Manifests of Pods have no status; what kubectl prints has one.',
    remedy: 'give Pods as kubectl get pods -o yaml prints them, or write EndpointSlices',
    references: [],
  },
  {
    code: 'unknown-target-port',
    severity: 'warning',
    title: 'A named target port is on no Pod',
    why: 'The port of the Service has no endpoints, so connections to it are refused. The name is that of a container port with the same protocol.',
    remedy: 'correct targetPort, or name the port of the container',
    references: [],
  },
  {
    code: 'no-ready-endpoint',
    severity: 'warning',
    title: 'No endpoint of a Service is ready',
    why: 'Connections to the Service are refused until a readiness probe passes.',
    remedy: 'see why with kubectl describe pods',
    references: [kep(1672)],
  },
  {
    code: 'fqdn-slice',
    severity: 'warning',
    title: 'An EndpointSlice has names instead of addresses',
    why: 'Rules need addresses, so slices with addressType FQDN are not used.',
    remedy: 'write slices of addressType IPv4 or IPv6, or use type ExternalName',
    references: [SLICES],
  },
  {
    code: 'headless-slice',
    severity: 'warning',
    title: 'An EndpointSlice is labelled as that of a headless Service',
    why: 'kube-proxy does not watch slices with the label service.kubernetes.io/headless, whatever their Service is. It may have been headless when the slice was made.',
    remedy: 'remove the label, or delete the slice so that it is made anew',
    references: [],
  },
  {
    code: 'second-address',
    severity: 'warning',
    title: 'An endpoint has more than one address',
    why: 'kube-proxy uses the first one alone; the others get no traffic.',
    remedy: 'give each address an endpoint of its own',
    references: [SLICES],
  },
  {
    code: 'port-without-number',
    severity: 'warning',
    title: 'A port of an EndpointSlice has no number',
    why: 'The port of the Service that it belongs to gets no endpoints from this slice.',
    remedy: 'write the port that the Pods listen on',
    references: [SLICES],
  },
  {
    code: 'port-without-slice',
    severity: 'warning',
    title: 'A port of a Service is in none of its EndpointSlices',
    why: 'Ports meet by name and protocol. Connections to this one are refused.',
    remedy: 'give the port the same name and protocol in both',
    references: [SLICES],
  },
  {
    code: 'port-without-service',
    severity: 'warning',
    title: 'A port of an EndpointSlice is none of its Service',
    why: 'Ports meet by name and protocol. Nothing leads to this one.',
    remedy: 'give the port the same name and protocol in both',
    references: [SLICES],
  },
  {
    code: 'family-without-slices',
    severity: 'warning',
    title: 'A Service has no endpoints of one of its families',
    why: 'The Service has a cluster IP of that family, DNS names it, and connections to it are refused. Clients that prefer IPv6 fail or wait.',
    remedy: 'give the Pods addresses of both families, or set ipFamilyPolicy: SingleStack',
    references: [kep(563)],
  },
  {
    code: 'ipv4-mapped-endpoint',
    severity: 'warning',
    title: 'An endpoint is an IPv4 address written as an IPv6 one',
    why: 'The endpoint is left out here. kube-proxy writes a rule that the kernel refuses, and then updates no Service of that family.',
    remedy: 'write the address into a slice of addressType IPv4',
    references: [kep(4858)],
  },
];
