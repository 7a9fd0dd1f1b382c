/** Mode iptables: its only door for the rest of vipc. */

import type { Backend } from '../backend.js';
import { builtinLayout, type Layout } from '../layout.js';
import { IptablesChecker } from './check/check.js';
import { compile } from './compile.js';
import { planFromRuleset } from './diff.js';
import * as documents from './documents.js';
import { driver } from './kernel/driver.js';
import { kernelRulesOf } from './kernel-rules.js';
import { planFault } from './plan-check.js';
import { print } from './print.js';
import { restoreInput } from './restore-input.js';
import { withoutEdits } from './rollback.js';
import { settings } from './settings.js';
import { parseDump } from './syntax/parse.js';

let layout: Layout | undefined;

export const iptables: Backend = {
  name: 'iptables',
  read: (text, options) => kernelRulesOf(parseDump(text, options)),
  planFault,
  planUpdate: planFromRuleset,
  withoutEdits,
  input: restoreInput,
  settings,
  // Read from disk once.
  layout: () => (layout ??= builtinLayout('iptables/kube-proxy')),
  compile,
  print,
  unsupported: () => [],
  kernel: driver,
  checker: () => new IptablesChecker(),
  ...documents,
};
