/** `vipc/custom-layout`: layouts with a user's own templates. Reads files, so it needs Node.js. */

import type { BackendName } from '../ruleset/types.js';
import { BACKENDS } from './index.js';
import type { Layout } from './layout.js';
import { readTemplates } from './user-templates.js';

/**
 * kube-proxy's layout of a mode with a user's templates: a folder with `frame.hbs`, `port.hbs` and,
 * if rules must stand behind those of all Services, `tail.hbs`. Throws TemplateError that names the
 * file.
 */
export function customLayout(mode: BackendName, directory: string): Layout {
  const [kubeProxy] = BACKENDS[mode].layouts;
  return { ...kubeProxy, name: directory, custom: true, templates: readTemplates(directory) };
}
