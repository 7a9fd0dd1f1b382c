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
