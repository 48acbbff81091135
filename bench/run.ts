/** `npm run bench`: what the control plane costs; all parts, or those named. */
import { runSuites } from './suites.ts';

await runSuites({
  policy: () => import('./policy.ts'),
  door: () => import('./door.ts'),
  kms: () => import('./kms.ts'),
  start: () => import('./start.ts'),
  store: () => import('./store.ts'),
  waf: () => import('./waf.ts'),
});
