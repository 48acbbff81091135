/** One-time codes that come with AssumeRole and GetSessionToken: tried before the decision, used up with the session. */
import type { Call, CheckCall } from '../service.ts';
import { accessDenied, mfaFailures, throttled } from './errors.ts';
import type { DeviceHolder, StsPorts } from './ports.ts';

interface Input {
  readonly SerialNumber?: string | undefined;
  readonly TokenCode?: string | undefined;
}

interface Given {
  readonly principal: DeviceHolder;
  readonly serial: string;
  readonly code: string;
}

/** @throws AccessDenied for half of what is needed, and for callers that can have no device, such as roles */
function given(input: Input, { principal }: CheckCall['caller']): Given | undefined {
  const { SerialNumber: serial, TokenCode: code } = input;
  if (serial === undefined && code === undefined) return undefined;
  if (serial === undefined || code === undefined) throw accessDenied(mfaFailures.incomplete);
  if (principal.kind !== 'root' && principal.kind !== 'user') throw accessDenied(mfaFailures.unknownDevice);
  return { principal, serial, code };
}

/**
 * Asked by `checks`: what policies see of a call depends on its code.
 * @returns whether a right code came with the request
 * @throws AccessDenied for a code that is not right, Throttling after too many of them
 */
export async function tryCode(input: Input, call: CheckCall, ports: Pick<StsPorts, 'codes'>): Promise<boolean> {
  const what = given(input, call.caller);
  if (!what) return false;
  const outcome = await ports.codes.attempt(call, what.principal, what.serial, what.code);
  if (outcome === 'locked' || outcome === 'busy') throw throttled();
  if (outcome === 'unknown-device') throw accessDenied(mfaFailures.unknownDevice);
  if (!outcome) throw accessDenied(mfaFailures.wrongCode);
  return true;
}

/**
 * Asked by `handle`: the code is used up in the commit that gives the session.
 * @returns whether a code came with the request
 */
export async function spendCode(input: Input, call: Call, ports: Pick<StsPorts, 'codes'>): Promise<boolean> {
  const what = given(input, call.caller);
  if (!what) return false;
  const used = await ports.codes.use(call.change, what.principal, what.code, call.now, what.serial);
  if (used !== undefined) return true;
  throw accessDenied(mfaFailures.wrongCode);
}
