/**
 * Regenerates deploy/ from its templates, or the same files with other facts into another folder.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { DEPLOY_DEFAULTS, deployDocuments } from './deploy-documents.js';

const USAGE = `usage: scripts/deploy [--out FOLDER] [--image NAME] [--api-server URL] [--cluster-cidr CIDR]
                      [--service-cidr CIDR] [--command PATH]
`;

const text = { type: 'string' } as const;
const { values } = parseArgs({
  options: {
    ...{ out: text, image: text, 'api-server': text, 'cluster-cidr': text, 'service-cidr': text },
    ...{ command: text, help: { type: 'boolean' } },
  },
});
if (values.help === true) {
  process.stdout.write(USAGE);
} else {
  const out = values.out ?? fileURLToPath(new URL('../deploy/', import.meta.url));
  const documents = deployDocuments({
    image: values.image ?? DEPLOY_DEFAULTS.image,
    apiServer: values['api-server'] ?? DEPLOY_DEFAULTS.apiServer,
    clusterCidr: values['cluster-cidr'] ?? DEPLOY_DEFAULTS.clusterCidr,
    serviceCidr: values['service-cidr'] ?? DEPLOY_DEFAULTS.serviceCidr,
    command: values.command ?? DEPLOY_DEFAULTS.command,
    config: DEPLOY_DEFAULTS.config,
  });
  for (const [path, content] of documents) {
    const file = join(out, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    console.log(file);
  }
}
