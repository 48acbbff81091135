import { describe, expect, it } from 'vitest';
import type { JobRuntime } from '../services/service.ts';
import { Jobs } from './jobs.ts';

function runtime(clock: { now: number }): () => JobRuntime {
  return () => ({
    now: clock.now,
    random: { bytes: (count) => new Uint8Array(count), uuid: () => '' },
    actor: {
      call: () => Promise.reject(new Error('nobody acts here')),
      authorize: () => Promise.reject(new Error('nobody acts here')),
    },
  });
}

describe('Jobs', () => {
  it('runs what is due by the clock it is given, and nothing twice at a time', async () => {
    const clock = { now: 0 };
    let runs = 0;
    let release = () => {};
    const job = {
      name: 'slow',
      everySeconds: 10,
      run: () => {
        runs += 1;
        return new Promise<void>((resolve) => {
          release = resolve;
        });
      },
    };
    const jobs = new Jobs([job], runtime(clock), () => {});
    await jobs.runDue();
    expect(runs).toBe(0);
    clock.now = 10_000;
    const first = jobs.runDue();
    clock.now = 30_000;
    const second = jobs.runDue();
    expect(runs).toBe(1);
    release();
    await Promise.all([first, second]);
    const third = jobs.runDue();
    expect(runs).toBe(2);
    release();
    await third;
  });

  it('tells of a failure and goes on', async () => {
    const clock = { now: 0 };
    const failures: string[] = [];
    const job = { name: 'broken', everySeconds: 1, run: () => Promise.reject(new Error('no')) };
    const jobs = new Jobs([job], runtime(clock), (name) => failures.push(name));
    for (clock.now = 1_000; clock.now <= 3_000; clock.now += 1_000) await jobs.runDue();
    expect(failures).toEqual(['broken', 'broken', 'broken']);
  });
});
