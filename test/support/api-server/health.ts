/** Paths without a resource: health, version, discovery. */

import type { ServerResponse } from 'node:http';
import { sendFailure, sendJson, sendText } from './answers.js';
import { RESOURCES } from './resources.js';
import type { Route } from './route.js';
import { UNKNOWN_RESOURCE } from './status.js';

const CHECKS = [
  'ping',
  'log',
  'informer-sync',
  'poststarthook/start-apiserver-admission-initializer',
  'poststarthook/generic-apiserver-start-informers',
  'poststarthook/rbac/bootstrap-roles',
];

const VERSION = {
  major: '1',
  minor: '36',
  emulationMajor: '1',
  emulationMinor: '36',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '35',
  gitVersion: 'v1.36.2',
  gitCommit: '',
  gitTreeState: '',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: 'go1.26.10',
  compiler: 'gc',
  platform: 'linux/amd64',
};

const HEALTH = ['/healthz', '/livez', '/readyz'];

/** Whether the path is served without a token too. */
export function isPublic(path: string): boolean {
  return HEALTH.includes(path) || path === '/version';
}

function checks(path: string, ready: boolean): string {
  const lines = CHECKS.map((check, i) => {
    const fine = ready || i < CHECKS.length - 1;
    return fine ? `[+]${check} ok` : `[-]${check} failed: reason withheld`;
  });
  return `${lines.join('\n')}\n${path.slice(1)} check ${ready ? 'passed' : 'failed'}\n`;
}

/** Answers what is no resource. */
export function sendOther(
  response: ServerResponse,
  route: Route,
  ready: boolean,
  url: string,
): void {
  const { path, query, resource } = route;
  if (HEALTH.includes(path)) {
    const plain = ready && !query.has('verbose');
    sendText(response, ready ? 200 : 500, plain ? 'ok' : checks(path, ready));
  } else if (path === '/version') {
    const body = JSON.stringify(VERSION, null, 2);
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length });
    response.end(body);
  } else if (path === '/api') {
    const serverAddressByClientCIDRs = [{ clientCIDR: '0.0.0.0/0', serverAddress: url }];
    sendJson(response, 200, { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs });
  } else if (path === '/apis') {
    sendJson(response, 200, { kind: 'APIGroupList', apiVersion: 'v1', groups: groups() });
  } else if (resource === 'unknown') {
    sendFailure(response, UNKNOWN_RESOURCE);
  } else {
    sendText(response, 404, '404 page not found\n');
  }
}

function groups(): readonly object[] {
  const names = new Set(RESOURCES.map(({ group }) => group).filter((group) => group !== ''));
  return [...names].map((name) => {
    const preferredVersion = { groupVersion: `${name}/v1`, version: 'v1' };
    return { name, versions: [preferredVersion], preferredVersion };
  });
}
