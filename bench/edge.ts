/** `npm run bench:edge`: what the edge finds and what it costs; all parts, or those named. */
import { runSuites } from './suites.ts';

await runSuites({
  accuracy: () => import('./edge/accuracy.ts'),
  speed: () => import('./edge/speed.ts'),
});
