/** Which API server, and as whom: what credentials.ts finds out and http-api.ts uses. */

import type { Agent } from 'node:http';

/** What one request needs to be believed. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsOptions;
  /** The way through a proxy, where the kubeconfig names one. */
  readonly agent?: Agent;
}

/** The TLS side of {@link Credentials}: names and meanings are Node's. */
export interface TlsOptions {
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

export interface Connection {
  /** `https://10.0.0.1:6443`, perhaps with a path, without a slash at its end. */
  readonly server: string;
  /** Where it comes from: `context "prod" of /etc/kube/config`. */
  readonly description: string;
  /** The namespace of the context; `default` where it says none. */
  readonly namespace: string;
  /** Credentials for one request, looked up anew: token and certificate files rotate, plugins give short-lived tokens. Rejects with ClusterError. */
  readonly authorise: () => Promise<Credentials>;
  /** To be called after a 401: kubeconfig and plugins are asked again, and nothing kept is used. */
  readonly refused: () => void;
}
