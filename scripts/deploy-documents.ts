/** What stands in deploy/: the templates of templates/deploy/ with a few facts put in. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readTemplate } from '../src/backends/user-templates.js';

/** What differs between clusters. */
interface DeployFacts {
  readonly image: string;
  /** Address of the API server that works before any rule does. */
  readonly apiServer: string;
  readonly clusterCidr: string;
  readonly serviceCidr: string;
  /** Path of vipc on a machine of its own. */
  readonly command: string;
  /** A KubeProxyConfiguration for that; `''`: what flags say. */
  readonly config: string;
}

const TEMPLATES = fileURLToPath(new URL('../templates/deploy/', import.meta.url));

/** The version of this package. */
export const VERSION: string = packageVersion();

/** What deploy/ has: an image name without a registry, and kubeadm's networks. */
export const DEPLOY_DEFAULTS: DeployFacts = {
  image: `vipc:${VERSION}`,
  apiServer: 'https://API-SERVER:6443',
  clusterCidr: '10.244.0.0/16',
  serviceCidr: '10.96.0.0/16',
  command: '/usr/local/bin/vipc',
  config: '',
};

/** Each file with the template that it comes from. */
const FILES: Readonly<Record<string, string>> = {
  Containerfile: 'Containerfile',
  'README.md': 'README.md',
  'configmap.yaml': 'configmap.yaml',
  'daemonset.yaml': 'daemonset.yaml',
  'rbac.yaml': 'rbac.yaml',
  'vipc.service': 'vipc.service',
  'vipc.service.d/iptables-legacy.conf': 'iptables-legacy.conf',
};

/** Every file, by its path below deploy/. */
export function deployDocuments(facts: DeployFacts): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(FILES).map(([path, template]) => [
      path,
      readTemplate(`${TEMPLATES}${template}.hbs`)({ ...facts, version: VERSION }),
    ]),
  );
}

function packageVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(text) as { readonly version: string };
  return version;
}
