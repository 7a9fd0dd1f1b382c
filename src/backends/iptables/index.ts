/** Mode iptables: its only door for the rest of vipc. */

import type { Backend } from '../backend.js';
import { IptablesChecker } from './check/check.js';
import { planFromRuleset } from './diff.js';
import * as documents from './documents.js';
import { driver } from './kernel/driver.js';
import { kernelRulesOf } from './kernel-rules.js';
import { customLayout, LAYOUTS } from './layouts/index.js';
import { planFault } from './plan-check.js';
import { print } from './print.js';
import { restoreInput } from './restore-input.js';
import { withoutEdits } from './rollback.js';
import { settings } from './settings.js';
import { parseDump } from './syntax/parse.js';

export const iptables: Backend = {
  name: 'iptables',
  read: (text, options) => kernelRulesOf(parseDump(text, options)),
  planFault,
  planUpdate: planFromRuleset,
  withoutEdits,
  input: restoreInput,
  settings,
  layouts: LAYOUTS,
  customLayout,
  print,
  unsupported: () => [],
  kernel: driver,
  checker: () => new IptablesChecker(),
  ...documents,
};
