/** Baselines of traffic, detection of application-layer attacks, and the signatures that isolate them. */
export { Detector, type Finding } from './detector.ts';
export { defaultSettings, type Settings } from './history.ts';
export type { Signature, Term } from './signature.ts';
export { type SuspicionLevel, suspicionOf, type Threat, threatOf } from './suspicion.ts';
export type { RequestTraits, TrafficWindow } from './traits.ts';
