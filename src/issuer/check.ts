/** The result of one check. */
export interface Check {
  /** Stable, for scripts: `certificate-order`. */
  readonly id: string;
  /** What was checked. */
  readonly title: string;
  /** `unknown`: cannot be checked from this machine. */
  readonly status: 'passed' | 'failed' | 'unknown';
  /** What was found. */
  readonly detail: string;
  /** How to fix it. */
  readonly remedy?: string | undefined;
}

export function passed(id: string, title: string, detail: string): Check {
  return { id, title, status: 'passed', detail };
}

export function failed(id: string, title: string, detail: string, remedy: string): Check {
  return { id, title, status: 'failed', detail, remedy };
}

export function unknown(id: string, title: string, detail: string, remedy?: string): Check {
  return { id, title, status: 'unknown', detail, remedy };
}
