/** Programs that end when this process does, whatever ends it, SIGKILL aside. */

import type { ChildProcess } from 'node:child_process';

const SIGNALS = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;

const running = new Set<ChildProcess>();
let isListening = false;

/** Kills the program when this process ends before it. */
export function endWithUs(child: ChildProcess): void {
  if (!isListening) listen();
  running.add(child);
  const forget = (): void => void running.delete(child);
  child.once('exit', forget);
  child.once('error', forget);
}

function listen(): void {
  isListening = true;
  process.once('exit', killAll);
  for (const signal of SIGNALS) process.on(signal, takeLeave);
}

/** Ends as if nobody listened, where nobody else does. */
function takeLeave(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  killAll();
  process.off(signal, takeLeave);
  process.kill(process.pid, signal);
}

function killAll(): void {
  for (const child of running) child.kill();
}
