/** A job of a pipeline. Its status changes when the test says so, or over time. */
export class SandboxJob {
  readonly id: number;
  readonly name: string;
  readonly stage: string;
  #plan: readonly PlannedStatus[] = [{ status: 'created', afterMs: 0 }];
  #since = performance.now();
  failureReason: string | undefined;

  constructor(id: number, name: string, stage: string) {
    this.id = id;
    this.name = name;
    this.stage = stage;
  }

  /** Sets the status from now on. */
  set(status: string, failureReason?: string): void {
    this.plan({ status, afterMs: 0 });
    this.failureReason = failureReason;
  }

  /** Plans statuses, each for a time from now on. */
  plan(...statuses: readonly PlannedStatus[]): void {
    this.#plan = statuses;
    this.#since = performance.now();
  }

  get status(): string {
    const elapsed = performance.now() - this.#since;
    return this.#plan.findLast(({ afterMs }) => afterMs <= elapsed)?.status ?? 'created';
  }
}

export interface PlannedStatus {
  readonly status: string;
  readonly afterMs: number;
}

/** A pipeline that was started with the API. */
export class SandboxPipeline {
  readonly id: number;
  readonly projectId: number;
  readonly ref: string;
  readonly jobs: SandboxJob[] = [];

  constructor(id: number, projectId: number, ref: string) {
    this.id = id;
    this.projectId = projectId;
    this.ref = ref;
  }

  addJob(name: string, stage = 'test'): SandboxJob {
    const job = new SandboxJob(this.id * 100 + this.jobs.length, name, stage);
    this.jobs.push(job);
    return job;
  }

  /** As GitLab derives it: https://docs.gitlab.com/ci/pipelines/#pipeline-status */
  get status(): string {
    const statuses = this.jobs.map(({ status }) => status);
    const has = (...wanted: readonly string[]) => statuses.some((status) => wanted.includes(status));
    const isOver = !has('created', 'pending', 'running');
    if (isOver && statuses.length > 0)
      return has('failed') ? 'failed' : has('canceled') ? 'canceled' : 'success';
    if (has('running') || (has('success', 'failed') && has('created', 'pending'))) return 'running';
    return has('pending') ? 'pending' : 'created';
  }
}
