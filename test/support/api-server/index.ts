/** The fake API server, in this process or in a process and namespace of its own. */

export { startApiServer } from './server.js';
export { type RemoteApiServer, spawnApiServer } from './spawn.js';
export type * from './types.js';
