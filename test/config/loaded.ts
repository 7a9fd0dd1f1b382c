/** A body of a KubeProxyConfiguration, loaded or refused. */

import { type LoadedConfig, loadConfig } from '../../src/config/load.js';
import { ConfigError } from '../../src/errors.js';

export const HEAD = 'apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n';

/** The ConfigError that this body ends in; its first line without the hint. */
export function failure(body: string): ConfigError {
  try {
    loadConfig(HEAD + body, 'c.yaml');
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error(`accepted: ${body}`);
}

export function load(body: string): LoadedConfig {
  return loadConfig(HEAD + body, 'c.yaml');
}
