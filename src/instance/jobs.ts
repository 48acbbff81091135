/** Runs the services' own work by the instance's clock: each job alone, never two runs of one at a time. */
import type { Job, JobRuntime } from '../services/service.ts';

interface Scheduled {
  readonly job: Job;
  due: number;
  running: Promise<void> | undefined;
}

export class Jobs {
  readonly #scheduled: Scheduled[];
  readonly #runtime: () => JobRuntime;
  readonly #failed: (job: string, error: unknown) => void;
  #timer: NodeJS.Timeout | undefined;
  #paused = false;

  /** @param failed told of every run that threw; the job runs again at its next time */
  constructor(jobs: readonly Job[], runtime: () => JobRuntime, failed: (job: string, error: unknown) => void) {
    this.#runtime = runtime;
    this.#failed = failed;
    const { now } = runtime();
    this.#scheduled = jobs.map((job) => ({ job, due: now + job.everySeconds * 1000, running: undefined }));
  }

  start(): void {
    this.#timer = setInterval(() => void this.runDue(), 1_000);
    this.#timer.unref();
  }

  /** Runs what is due and waits for it: the test API calls this after moving the clock. */
  async runDue(): Promise<void> {
    if (this.#paused) return;
    const { now } = this.#runtime();
    await Promise.all(
      this.#scheduled.map(async (entry) => {
        if (entry.running) return entry.running;
        if (entry.due > now) return;
        entry.due = now + entry.job.everySeconds * 1000;
        entry.running = this.#run(entry.job).finally(() => {
          entry.running = undefined;
        });
        return entry.running;
      }),
    );
  }

  /** Lets runs under way finish, does the work while nothing runs, and counts all times anew: the clock may go back. */
  async around(work: () => Promise<void>): Promise<void> {
    this.#paused = true;
    try {
      await Promise.all(this.#scheduled.map((entry) => entry.running));
      await work();
    } finally {
      const { now } = this.#runtime();
      for (const entry of this.#scheduled) entry.due = now + entry.job.everySeconds * 1000;
      this.#paused = false;
    }
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#scheduled.map((entry) => entry.running));
  }

  async #run(job: Job): Promise<void> {
    try {
      await job.run(this.#runtime());
    } catch (error) {
      this.#failed(job.name, error);
    }
  }
}
