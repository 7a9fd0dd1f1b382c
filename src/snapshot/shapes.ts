/**
 * The shapes of the Kubernetes objects that vipc reads. What the API server checks and rules
 * depend on is checked here; addresses are any text, because stored objects hold bad ones
 * beside good ones and the model reports those one by one.
 */

import {
  array,
  choice,
  leaf,
  type ObjectShape,
  object,
  record,
  type Shape,
  sparse,
} from '../input/shape.js';
import { TOPOLOGY_HINTS_ANNOTATION, TOPOLOGY_MODE_ANNOTATION } from './types.js';

const text = leaf({ type: 'string' });
const labels = record(text);
const flag = leaf({ type: 'boolean' });
const texts = array(text);
/** A field whose fault costs no more than the part of the object that it is in. */
const anything = leaf({ type: ['string', 'number', 'boolean', 'object', 'array'] });

const PORT = 'a port number from 1 to 65535';
const port = leaf({ type: 'integer', minimum: 1, maximum: 65535, description: PORT });
const portOrNone = leaf({
  type: 'integer',
  minimum: 0,
  maximum: 65535,
  description: 'a port number from 0 to 65535',
});

const LABEL = '[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?';
const LABEL_WORDS =
  "a DNS label: at most 63 lower-case letters, digits or '-', no '-' first or last";
const dnsLabel = leaf({ type: 'string', pattern: `^${LABEL}$`, description: LABEL_WORDS });
const dnsLabelOrEmpty = leaf({
  type: 'string',
  pattern: `^(?:${LABEL})?$`,
  description: LABEL_WORDS,
});
const dnsSubdomain = leaf({
  type: 'string',
  pattern: '^(?=.{1,253}$)[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$',
  description:
    "a DNS subdomain: at most 253 lower-case letters, digits, '-' or '.', each part between letters or digits",
});

const protocol = choice('TCP', 'UDP', 'SCTP');
const policy = choice('Cluster', 'Local');

const META_IGNORED =
  'managedFields uid resourceVersion generation ownerReferences finalizers generateName selfLink deletionGracePeriodSeconds clusterName';

/** What kube-proxy reads of annotations: up to 1.30 they decide whether hints are followed. */
const annotations = sparse({
  [TOPOLOGY_HINTS_ANNOTATION]: text,
  [TOPOLOGY_MODE_ANNOTATION]: text,
});

function metadata(nameShape: Shape): Shape {
  return object(
    {
      name: nameShape,
      namespace: dnsLabelOrEmpty,
      labels,
      annotations,
      creationTimestamp: text,
      deletionTimestamp: text,
    },
    { required: ['name'], ignored: META_IGNORED },
  );
}

/** The shape of one kind, without apiVersion and kind, which selected it. */
export function kind(
  nameShape: Shape,
  fields: Readonly<Record<string, Shape>>,
  options: { readonly required?: readonly string[]; readonly ignored?: string } = {},
): ObjectShape {
  return object(
    { metadata: metadata(nameShape), ...fields },
    {
      required: ['metadata', ...(options.required ?? [])],
      ignored: `apiVersion kind ${options.ignored ?? ''}`,
    },
  );
}

const servicePort = object(
  {
    name: dnsLabelOrEmpty,
    protocol,
    port,
    targetPort: leaf({
      type: ['integer', 'string'],
      minimum: 0,
      maximum: 65535,
      pattern: '^(?:(?=[-a-z0-9]{1,15}$)(?=.*[a-z])(?!.*--)[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)?$',
      description:
        "a port number, or a container port's name: at most 15 lower-case letters, digits or '-', with a letter",
    }),
    nodePort: portOrNone,
  },
  { required: ['port'], ignored: 'appProtocol' },
);

const service = kind(
  dnsLabel,
  {
    spec: object(
      {
        type: choice('ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'),
        clusterIP: text,
        clusterIPs: texts,
        ipFamilies: array(choice('IPv4', 'IPv6'), 0, 2),
        ipFamilyPolicy: choice('SingleStack', 'PreferDualStack', 'RequireDualStack'),
        selector: labels,
        ports: array(servicePort),
        externalIPs: texts,
        externalName: text,
        loadBalancerIP: text,
        loadBalancerSourceRanges: texts,
        sessionAffinity: choice('None', 'ClientIP'),
        sessionAffinityConfig: object({
          clientIP: object({
            timeoutSeconds: leaf({
              type: 'integer',
              minimum: 1,
              maximum: 86400,
              description: 'a number of seconds from 1 to 86400',
            }),
          }),
        }),
        internalTrafficPolicy: policy,
        externalTrafficPolicy: policy,
        healthCheckNodePort: portOrNone,
        allocateLoadBalancerNodePorts: flag,
        publishNotReadyAddresses: flag,
        trafficDistribution: text,
      },
      {
        ignored: 'loadBalancerClass topologyKeys ipFamily',
      },
    ),
    status: object(
      {
        loadBalancer: object({
          ingress: array(
            object(
              { ip: text, hostname: text, ipMode: choice('VIP', 'Proxy') },
              { ignored: 'ports' },
            ),
          ),
        }),
      },
      { ignored: 'conditions' },
    ),
  },
  { required: ['spec'] },
);

const endpointPort = object({ name: dnsLabelOrEmpty, protocol, port }, { ignored: 'appProtocol' });
const hint = object({ name: text }, { required: ['name'] });

const endpointSlice = kind(
  dnsSubdomain,
  {
    addressType: choice('IPv4', 'IPv6', 'FQDN'),
    endpoints: array(
      object(
        {
          addresses: texts,
          conditions: object({ ready: flag, serving: flag, terminating: flag }),
          hostname: anything,
          nodeName: text,
          zone: text,
          hints: object({ forZones: array(hint), forNodes: array(hint) }),
        },
        { required: ['addresses'], ignored: 'targetRef deprecatedTopology topology' },
      ),
    ),
    ports: array(endpointPort),
  },
  { required: ['addressType'] },
);

const endpointAddress = object(
  { ip: text, hostname: anything, nodeName: text },
  { required: ['ip'], ignored: 'targetRef' },
);

const endpoints = kind(dnsSubdomain, {
  subsets: array(
    object({
      addresses: array(endpointAddress),
      notReadyAddresses: array(endpointAddress),
      ports: array(endpointPort),
    }),
  ),
});

const taint = object({ key: text, effect: text }, { ignored: 'value timeAdded' });

const node = kind(dnsSubdomain, {
  spec: object(
    { podCIDR: text, podCIDRs: texts, taints: array(taint) },
    { ignored: 'providerID unschedulable configSource externalID' },
  ),
  status: object(
    { addresses: array(object({ type: text, address: text }, { required: ['type', 'address'] })) },
    {
      ignored:
        'capacity allocatable phase conditions daemonEndpoints nodeInfo images volumesInUse volumesAttached config runtimeHandlers features declaredFeatures',
    },
  ),
});

const container = object(
  {
    name: text,
    restartPolicy: text,
    ports: array(
      object(
        { name: text, containerPort: port, protocol },
        { required: ['containerPort'], ignored: 'hostPort hostIP' },
      ),
    ),
  },
  {
    ignored:
      'image command args workingDir envFrom env resources resizePolicy restartPolicyRules volumeMounts volumeDevices livenessProbe readinessProbe startupProbe lifecycle terminationMessagePath terminationMessagePolicy imagePullPolicy securityContext stdin stdinOnce tty',
  },
);

const POD_SPEC_IGNORED =
  'volumes ephemeralContainers restartPolicy terminationGracePeriodSeconds activeDeadlineSeconds dnsPolicy nodeSelector serviceAccountName serviceAccount automountServiceAccountToken hostPID hostIPC shareProcessNamespace securityContext imagePullSecrets affinity schedulerName tolerations hostAliases priorityClassName priority dnsConfig readinessGates runtimeClassName enableServiceLinks preemptionPolicy overhead topologySpreadConstraints setHostnameAsFQDN os hostUsers schedulingGates resourceClaims resources hostnameOverride workloadRef';
const POD_STATUS_IGNORED =
  'observedGeneration message reason nominatedNodeName hostIPs startTime initContainerStatuses containerStatuses qosClass ephemeralContainerStatuses resize resourceClaimStatuses extendedResourceClaimStatus allocatedResources resources';

/** The spec of a Pod or of a Pod template. */
export const podSpec: ObjectShape = object(
  {
    nodeName: text,
    hostname: text,
    subdomain: text,
    hostNetwork: flag,
    containers: array(container),
    initContainers: array(container),
  },
  { ignored: POD_SPEC_IGNORED },
);

const pod = kind(dnsSubdomain, {
  spec: podSpec,
  status: object(
    {
      phase: text,
      podIP: text,
      podIPs: array(object({ ip: text })),
      hostIP: text,
      conditions: array(
        object(
          { type: text, status: text },
          {
            required: ['type', 'status'],
            ignored: 'lastProbeTime lastTransitionTime reason message observedGeneration',
          },
        ),
      ),
    },
    { ignored: POD_STATUS_IGNORED },
  ),
});

const serviceCidr = kind(dnsSubdomain, { spec: object({ cidrs: texts }) }, { ignored: 'status' });

/** A kind that is read. */
export type Kind = 'Service' | 'EndpointSlice' | 'Endpoints' | 'Node' | 'Pod' | 'ServiceCIDR';

/** Every kind that is read. */
export const KIND_NAMES: readonly Kind[] = [
  'Service',
  'EndpointSlice',
  'Endpoints',
  'Node',
  'Pod',
  'ServiceCIDR',
];

/** The shape of each kind. */
export const SHAPES: Readonly<Record<Kind, ObjectShape>> = {
  Service: service,
  EndpointSlice: endpointSlice,
  Endpoints: endpoints,
  Node: node,
  Pod: pod,
  ServiceCIDR: serviceCidr,
};

/** The apiVersion that each kind is kept under. */
export const API_VERSIONS: Readonly<Record<Kind, string>> = {
  Service: 'v1',
  EndpointSlice: 'discovery.k8s.io/v1',
  Endpoints: 'v1',
  Node: 'v1',
  Pod: 'v1',
  ServiceCIDR: 'networking.k8s.io/v1',
};
