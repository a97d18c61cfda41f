/** One thing that was looked at. */
export interface Check {
  /** Never changes: `certificate-order`. */
  readonly id: string;
  /** What was looked at. */
  readonly title: string;
  /** `unknown`: cannot be told from here. */
  readonly status: 'passed' | 'failed' | 'unknown';
  /** What was found. */
  readonly detail: string;
  /** What to do about it, where there is something. */
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
