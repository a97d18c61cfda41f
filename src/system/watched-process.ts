import { readFileSync } from 'node:fs';

/** A process, and when it started: the system may give its ID to another one later. */
export interface WatchedProcess {
  readonly pid: number;
  /** In the system's own unit; missing where /proc does not tell, and if there is no such process. */
  readonly started?: string | undefined;
}

/** A process of this machine, as it is now. */
export function watchedProcess(pid: number): WatchedProcess {
  return { pid, started: statOf(pid)?.started };
}

/** Whether that same process still runs; one that has ended but was not collected by its parent does not. */
export function isRunning({ pid, started }: WatchedProcess): boolean {
  if (started === undefined) return exists(pid);
  const now = statOf(pid);
  return now?.started === started && now.state !== 'Z' && now.state !== 'X';
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: state is field 3, starttime field 22. */
function statOf(pid: number): { readonly state: string; readonly started: string } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // field 2, the name, is in parentheses and may contain anything
    const [state, ...fields] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const started = fields[18];
    return state === undefined || started === undefined ? undefined : { state, started };
  } catch {
    return undefined;
  }
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // a process of another user
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
