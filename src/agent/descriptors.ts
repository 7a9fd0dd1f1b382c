/** How the file descriptors of the process are shared, so that no peer uses up those of syncs. */

/** Those that are left to syncs, watches and the tools that they run. */
const RESERVED = 60;
/** Ports share the rest: health, metrics, and all health check node ports together. */
const GROUPS = 3;
/** Connections of one such group. */
export const MAX_CONNECTIONS = 128;

/**
 * Connections that one group of ports may hold, from the text of `/proc/self/limits`. At a limit of
 * 1024 descriptors or where it is unknown: 128. At least 8.
 */
export function connectionLimit(limits: string | undefined): number {
  return shareOf(descriptorsOf(limits), GROUPS, MAX_CONNECTIONS);
}

/** What node ports on loopback addresses may hold, all together. */
export interface LoopbackLimits {
  readonly listeners: number;
  /** From a client to an endpoint; each has two sockets. */
  readonly connections: number;
}

/** More are not useful: a connection whose two peers read nothing takes some 230 KB. */
const MAX_LOOPBACK_CONNECTIONS = 1000;

/**
 * The same for node ports on loopback addresses: half of what the groups leave listens. At a limit
 * of 1024 descriptors 290 listeners and 145 connections; at least 8, at most 1000 connections.
 */
export function loopbackLimits(limits: string | undefined): LoopbackLimits {
  const left = descriptorsOf(limits) - GROUPS * connectionLimit(limits);
  return {
    listeners: shareOf(left, 2, Number.POSITIVE_INFINITY),
    connections: shareOf(left, 4, MAX_LOOPBACK_CONNECTIONS),
  };
}

const USUAL_LIMIT = 1024;

function descriptorsOf(limits: string | undefined): number {
  const [, descriptors = USUAL_LIMIT] = /^Max open files\s+(\d+)/m.exec(limits ?? '') ?? [];
  return Number(descriptors);
}

function shareOf(descriptors: number, parts: number, most: number): number {
  return Math.max(8, Math.min(Math.floor((descriptors - RESERVED) / parts), most));
}
