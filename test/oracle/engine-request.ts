/** The oracle's request as the engine takes it. */
import { combine, compile } from '../../src/engines/policy/index.ts';
import type { AuthorizationRequest, PolicyKind, PolicySet } from '../../src/engines/policy/types.ts';
import type { OraclePolicy, OracleRequest } from './words.ts';

export function engineRequest(request: OracleRequest): AuthorizationRequest {
  const set = (policies: readonly OraclePolicy[], kind: PolicyKind): PolicySet =>
    combine(
      policies.map((policy, index) =>
        compile(JSON.stringify(policy), kind, { id: `${kind} ${index}` }, { awsManaged: true }),
      ),
    );
  const { resourcePolicy: side } = request;
  return {
    principal: request.principal,
    action: request.action,
    resource: request.resource,
    context: { get: (key) => request.context[key] },
    layers: {
      identity: set(request.identity, 'identity'),
      boundary: request.boundary && set(request.boundary, 'boundary'),
      session: request.session && set(request.session, 'session'),
      scps: request.scps?.map((level) => set(level, 'scp')),
      rcps: request.rcps?.map((level) => set(level, 'rcp')),
      endpoint: request.endpoint && set(request.endpoint, 'endpoint'),
    },
    resourceSide: side && {
      kind: side.kind,
      policy: combine([
        compile(
          JSON.stringify(side.policy),
          side.kind,
          { id: 'own' },
          side.ids ? { principalIds: side.ids } : undefined,
        ),
      ]),
    },
  };
}
