/**
 * What another process uses, by /proc: processor time and memory, of itself and of the programs it
 * starts.
 */

import { readFileSync } from 'node:fs';

/**
 * Ticks of `/proc/PID/stat` in milliseconds; it is 100 ticks a second on every Linux that Node runs
 * on.
 */
const TICK = 10;

/** Milliseconds in user and kernel mode. */
interface ProcessorTime {
  readonly own: number;
  /** Of programs that it has started and that have ended. */
  readonly children: number;
}

export function processorTime(pid: number | 'self'): ProcessorTime {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // Behind the name, which may hold anything: utime is the 12th field, then stime, cutime and
  // cstime.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [user, kernel, childUser, childKernel] = fields.slice(11, 15).map(Number);
  return {
    own: ((user ?? 0) + (kernel ?? 0)) * TICK,
    children: ((childUser ?? 0) + (childKernel ?? 0)) * TICK,
  };
}

/** MB (10^6 bytes) that are resident now, and the most that ever were. */
export interface Memory {
  readonly now: number;
  readonly peak: number;
}

/** `undefined` for a process that has ended. */
export function memory(pid: number): Memory | undefined {
  const status = text(`/proc/${pid}/status`);
  const field = (name: string): number | undefined => {
    const kib = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
    return kib === undefined ? undefined : (Number(kib) * 1024) / 1e6;
  };
  const [now, peak] = [field('VmRSS'), field('VmHWM')];
  return now === undefined || peak === undefined ? undefined : { now, peak };
}

/** Milliseconds between two looks: the programs whose memory counts run for seconds. */
const PERIOD = 25;

/** Watches the programs that a process starts, for the largest memory of any of them. */
export class ChildMemory {
  readonly #pid: number;
  readonly #timer: NodeJS.Timeout;
  #largest = 0;

  constructor(pid: number) {
    this.#pid = pid;
    this.#timer = setInterval(() => this.#look(), PERIOD);
  }

  /** MB of the largest one since the last call. */
  take(): number {
    const largest = this.#largest;
    this.#largest = 0;
    return largest;
  }

  end(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    for (const child of descendants(this.#pid))
      this.#largest = Math.max(this.#largest, memory(child)?.peak ?? 0);
  }
}

function descendants(pid: number): readonly number[] {
  const children = text(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number);
  return children.flatMap((child) => [child, ...descendants(child)]);
}

/** `''` for what has gone meanwhile. */
function text(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
