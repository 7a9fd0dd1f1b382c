/**
 * What an input that was not understood in full leaves alone: a typing error takes no Service down.
 */

import { expect } from 'chai';
import { loadSnapshot } from '../../src/snapshot/load.js';

function incomplete(text: string): readonly string[] {
  return [...loadSnapshot([{ name: 'f.yaml', text }]).incomplete];
}

const REST = 'metadata: {name: web, namespace: shop}\nspec: {ports: [{port: 80}]}\n';
const LABELLED =
  'metadata: {name: web-1, namespace: shop, labels: {kubernetes.io/service-name: web}}\n';

describe('snapshot/load: incomplete', () => {
  const named: readonly (readonly [string, string])[] = [
    ['a misspelled kind', `apiVersion: v1\nkind: Serivce\n${REST}`],
    ['a kind in lower case', `apiVersion: v1\nkind: service\n${REST}`],
    ['a wrong apiVersion', `apiVersion: v2\nkind: Service\n${REST}`],
    ['no apiVersion', `kind: Service\n${REST}`],
    ['a misspelled word kind', `apiVersion: v1\nknid: Service\n${REST}`],
    ['neither', REST],
    ['a short name of kubectl', `apiVersion: v1\nkind: svc\n${REST}`],
    ['a misspelled Endpoints', `apiVersion: v1\nkind: Endpoint\n${REST}`],
    ['a misspelled slice', `apiVersion: discovery.k8s.io/v1\nkind: EndpointSlic\n${LABELLED}`],
    ['a slice without kind', `apiVersion: discovery.k8s.io/v1\n${LABELLED}`],
    [
      'a slice of an old version',
      `apiVersion: discovery.k8s.io/v9\nkind: EndpointSlice\n${LABELLED}`,
    ],
    ['a group that has no Service', `apiVersion: apps/v1\nkind: Service\n${REST}`],
    ['the name of the core group', `apiVersion: core/v1\nkind: Service\n${REST}`],
    ['a group with a slip', `apiVersion: networking.k8s.io/v1\nkind: Service\n${REST}`],
    [
      'a Service that is refused',
      `apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\n`,
    ],
  ];
  for (const [what, text] of named) {
    it(`${what}: the Service that it names`, () =>
      expect(incomplete(text)).to.deep.equal(['shop/web']));
  }

  const unnamed: readonly (readonly [string, string])[] = [
    ['a text', 'just some words\n'],
    ['a list', '- 1\n'],
    ['YAML that cannot be read', 'kind: [Service\n'],
    ['JSON that cannot be read', '{"kind": "Service", "metadata": {"name": "web"\n'],
    ['a Service without a name', 'apiVersion: v1\nkind: Service\nmetadata: {namespace: shop}\n'],
    ['a Service with an empty name', 'apiVersion: v1\nkind: Service\nmetadata: {name: ""}\n'],
    ['a Service with a blank name', 'apiVersion: v1\nkind: Service\nmetadata: {name: " "}\n'],
    [
      'a Service with a name that none can have',
      'apiVersion: v1\nkind: Service\nmetadata: {name: My_Web}\nspec: {ports: [{port: 80}]}\n',
    ],
    [
      'a refused slice of a Service with such a name',
      `apiVersion: discovery.k8s.io/v9\nkind: EndpointSlice\n${LABELLED.replace('name: web}', 'name: Web}')}`,
    ],
    [
      'a Service in a namespace that none can be in',
      'apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: Shop}\nspec: {ports: [{port: 80}]}\n',
    ],
    ['a misspelled List', `apiVersion: v1\nkind: Lsit\nitems:\n- {kind: Service}\n`],
    ['a kind that has items', 'apiVersion: v1\nkind: Everything\nitems: [{kind: Service}]\n'],
    ['a misspelled ServiceList', 'apiVersion: v1\nkind: Servicelist\nitems: []\n'],
    ['a List without items', 'apiVersion: v1\nkind: List\nitmes: [{kind: Service}]\n'],
    ['a List whose items are a map', 'apiVersion: v1\nkind: List\nitems: {kind: Service}\n'],
    [
      'two Services without a line between them',
      `apiVersion: v1\nkind: Service\n${REST}apiVersion: v1\nkind: Service\n${REST}`,
    ],
    [
      'two items that have become one',
      '{"kind":"List","apiVersion":"v1","items":[{"kind":"ConfigMap","apiVersion":"v1","kind":"Pod"}]}',
    ],
    [
      'two names',
      'apiVersion: v1\nkind: Service\nmetadata: {name: a, name: web}\nspec: {ports: [{port: 80}]}\n',
    ],
    [
      'a slice of two Services',
      'apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\naddressType: IPv4\n' +
        'metadata: {name: x, labels: {kubernetes.io/service-name: a, kubernetes.io/service-name: b}}\n',
    ],
    ['a thing without kind and name', 'metadata: {labels: {app: web}}\n'],
    ['a slice without metadata', 'apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\n'],
  ];
  for (const [what, text] of unnamed) {
    it(`${what}: every Service that the input does not name`, () =>
      expect(incomplete(text)).to.deep.equal(['*']));
  }

  const sound: readonly (readonly [string, string])[] = [
    ['an empty file', ''],
    ['a Service', `apiVersion: v1\nkind: Service\n${REST}`],
    ['an empty List', 'apiVersion: v1\nkind: List\nmetadata: {resourceVersion: ""}\n'],
    ['a kind of others that has items', 'apiVersion: x.io/v1\nkind: Menu\nitems: [{kind: Soup}]\n'],
    [
      'keys given twice that name nothing',
      'apiVersion: v1\nkind: Service\nmetadata: {name: web, labels: {app: a, app: b}}\n' +
        'spec: {ports: [{name: a, name: b, port: 80}]}\n',
    ],
    ['a kind of others', 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n'],
    ['a Service of others', `apiVersion: serving.knative.dev/v1\nkind: Service\n${REST}`],
    [
      'a slice of no Service that is refused',
      'apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: x}\n',
    ],
  ];
  for (const [what, text] of sound) {
    it(`${what}: nothing`, () => expect(incomplete(text)).to.deep.equal([]));
  }
});
