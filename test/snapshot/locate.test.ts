/** Diagnostics find their line and column. */

import { expect } from 'chai';
import type { Diagnostic } from '../../src/diagnostics.js';
import type { Source } from '../../src/input/source.js';
import { loadSnapshot } from '../../src/snapshot/load.js';
import { locate } from '../../src/snapshot/locate.js';

function about(name: string, field?: string, kind = 'Service', namespace = 'default'): Diagnostic {
  const object = { kind, namespace, name };
  return {
    code: 'x',
    severity: 'note',
    message: 'm',
    object,
    ...(field === undefined ? {} : { field }),
  };
}

/** `file:line:column` of each diagnostic after loading the sources. */
function places(
  sources: readonly Source[],
  diagnostics?: readonly Diagnostic[],
): (string | undefined)[] {
  const loaded = loadSnapshot(sources);
  return locate(diagnostics ?? loaded.diagnostics, loaded, sources).map(({ position }) =>
    position === undefined ? undefined : `${position.file}:${position.line}:${position.column}`,
  );
}

const YAML = `# a comment
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Service
  metadata:
    name: web
    labels:
      "app.kubernetes.io/name": web
  spec:
    clusterIP: 10.0.0.1
    ports:
    - port: 80
      name: http
    - {port: 81, name: alt}
- apiVersion: v1
  kind: Node
  metadata: {name: n1}
--- # second
kind: Service
apiVersion: v1
metadata:
  name: other
  namespace: shop
spec: {clusterIP: None}
`;

const JSON_TEXT = `{
  "apiVersion": "v1", "kind": "List",
  "items": [
    {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a}"}, "spec": {}},
    {
      "apiVersion": "v1", "kind": "Service",
      "metadata": {"name": "web", "annotations": {"x": "\\"}{"}},
      "spec": {"clusterIP": "10.0.0.1", "ports": [{"port": 80, "name": "a"}, {"port": 81, "name": "b"}]}
    }
  ]
}`;

describe('snapshot/locate', () => {
  it('finds objects and fields in YAML', () => {
    const asked = [
      about('web'),
      about('web', 'spec.clusterIP'),
      about('web', 'spec.ports[1].port'),
      about('web', 'spec.ports[0].name'),
      about('web', 'metadata.labels[app.kubernetes.io/name]'),
      about('web', 'spec.ports'),
      about('web', 'spec.ports[0].nodePort'),
      about('web', 'status.loadBalancer.ingress[0].ip'),
      about('n1', undefined, 'Node', ''),
      about('other', 'spec.clusterIP', 'Service', 'shop'),
      about('nobody'),
    ];
    expect(places([{ name: 'f', text: YAML }], asked)).to.deep.equal([
      'f:5:3',
      'f:12:16',
      'f:16:14',
      'f:15:13',
      'f:10:33',
      'f:13:5',
      'f:14:7',
      'f:5:3',
      'f:17:3',
      'f:26:19',
      undefined,
    ]);
  });

  it('finds a key that is quoted in a path', () => {
    const others = { plain: 'a', 'an "odd" [key].': 'b' };
    const text = JSON.stringify(
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'web', others },
        spec: { clusterIP: 'None' },
      },
      undefined,
      1,
    );
    const asked = [
      about('web', 'metadata.others["an \\"odd\\" [key]."]'),
      about('web', 'metadata.others."an \\"odd\\" [key]."'),
      // A key of more than 80 letters is cut.
      about('web', 'metadata.others["an \\"odd\\"...]'),
    ];
    expect(places([{ name: 'f', text }], asked)).to.deep.equal(['f:8:25', 'f:8:25', 'f:6:3']);
  });

  it('finds them in CRLF text, in the second source and behind a byte order mark', () => {
    const text = YAML.replaceAll('\n', '\r\n');
    expect(
      places(
        [
          { name: 'a', text: 'x' },
          { name: 'f', text },
        ],
        [about('web', 'spec.clusterIP')],
      ),
    ).to.deep.equal(['f:12:16']);
    expect(
      places([{ name: 'f', text: `\uFEFF${YAML}` }], [about('web', 'spec.clusterIP')]),
    ).to.deep.equal(['f:12:16']);
  });

  it('finds objects and fields in JSON', () => {
    const asked = [
      about('web'),
      about('web', 'spec.clusterIP'),
      about('web', 'spec.ports[1].port'),
      about('web', 'metadata.name'),
      about('web', 'spec.ports'),
      about('web', 'spec.type'),
    ];
    expect(places([{ name: 'f', text: JSON_TEXT }], asked)).to.deep.equal([
      'f:5:5',
      'f:8:29',
      'f:8:87',
      'f:7:28',
      'f:8:41',
      'f:8:7',
    ]);
  });

  it('finds objects in a stream of JSON values', () => {
    const value = (name: string): string =>
      `{"apiVersion":"v1","kind":"Node","metadata":{"name":"${name}"}}`;
    const text = `${value('n1')}\n${value('n2')}\n`;
    expect(places([{ name: 'f', text }], [about('n2', 'metadata.name', 'Node', '')])).to.deep.equal(
      ['f:2:53'],
    );
  });

  it('places what was left out, which the snapshot does not have', () => {
    const text = `---\nhello\n---\napiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  type: Cluste\n  ports: [{port: 80}]\n`;
    expect(places([{ name: 'f', text }])).to.deep.equal(['f:2:1', 'f:8:9']);
  });

  it('places both of two objects with one name', () => {
    const one = (port: string): string =>
      `apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  ports: [{port: ${port}}]\n`;
    expect(places([{ name: 'f', text: `${one('x')}---\n${one('80')}` }]).slice(0, 1)).to.deep.equal(
      ['f:5:18'],
    );
    const loaded = loadSnapshot([{ name: 'f', text: `${one('80')}---\n${one('80')}` }]);
    const [duplicate] = locate(loaded.diagnostics, loaded, [
      { name: 'f', text: `${one('80')}---\n${one('80')}` },
    ]);
    expect(duplicate?.position?.line).to.equal(7);
  });

  it('finds the place of an alias, and does not follow it', () => {
    const text =
      'x: &p [{port: 0}]\napiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  ports: *p\n';
    expect(places([{ name: 'f', text }])).to.deep.equal(['f:6:3']);
  });

  it('leaves alone what has a position or no object', () => {
    const position = { file: 'g', line: 1, column: 1 };
    const placed = { ...about('web'), position };
    const loose: Diagnostic = { code: 'x', severity: 'note', message: 'm' };
    const loaded = loadSnapshot([{ name: 'f', text: YAML }]);
    expect(locate([placed, loose], loaded, [{ name: 'f', text: YAML }])).to.deep.equal([
      placed,
      loose,
    ]);
  });
});
