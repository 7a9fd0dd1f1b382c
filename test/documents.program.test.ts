/** The example of the library in docs/ works as it stands there. */

import { execFileSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { documentText, ROOT } from './support/documents.js';
import { runIn } from './support/process/run-in.js';

const CLUSTER = 'fixtures/explain/cluster.yaml';

describe('documents, as programs', () => {
  it('have an example of the library that prints what the program does', async () => {
    const [, code = ''] = /```js\n([^`]*)```/.exec(documentText('docs/library.md')) ?? [];
    const library = code
      .replace("'vipc'", `'${pathToFileURL(`${ROOT}src/index.ts`)}'`)
      .replace("'cluster.yaml'", `'${CLUSTER}'`);
    const words = ['--import', 'tsx', '--input-type=module', '-e', library];
    const printed = execFileSync(process.execPath, words, { cwd: ROOT, encoding: 'utf8' });
    const flags = ['-f', CLUSTER, '--node-name', 'worker-1', '--family', 'ipv4'];
    expect(printed).to.equal((await runIn(['compile', ...flags])).out);
    expect(printed).to.include('KUBE-SVC-');
  });
});
