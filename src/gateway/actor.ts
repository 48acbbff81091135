/** Lets services call each other through the same checks, commit and record as everybody: no way round the door. */
import type { ActingIdentity, Actor, Caller, Connection, Random } from '../services/service.ts';
import { AwsError } from '../services/service.ts';
import { loadService } from '../wire/index.ts';
import type { ServiceModelSource } from '../wire/types.ts';
import type { Performer, Request } from './perform.ts';

export function createActor(performer: Performer, sources: readonly ServiceModelSource[], random: Random): Actor {
  const request = async (
    identity: ActingIdentity,
    service: string,
    operation: string,
    input: object,
  ): Promise<Request> => {
    const source = sources.find((one) => one.name === service);
    const model = source && (await loadService(source)).operations.get(operation);
    if (!model) throw new AwsError('InternalFailure', `No operation ${service}:${operation}`, { status: 500 });
    const acting = facts(identity);
    return {
      requestId: random.uuid(),
      service,
      operation: model,
      caller: acting.caller,
      scope: { account: acting.account, region: acting.region },
      connection: acting.connection,
      calledVia: acting.calledVia,
      input: () => input,
    };
  };
  return {
    call: async (...what) => performer.perform(await request(...what)),
    authorize: async (...what) => performer.authorize(await request(...what)),
  };
}

interface Acting {
  readonly caller: Caller;
  readonly account: string;
  readonly region: string;
  readonly connection: Connection;
  readonly calledVia?: readonly string[];
}

function facts(identity: ActingIdentity): Acting {
  switch (identity.as) {
    case 'caller': {
      const { call, via } = identity;
      return {
        caller: call.caller,
        account: call.scope.account,
        region: identity.region ?? call.scope.region,
        connection: call.connection,
        calledVia: [...(call.calledVia ?? []), via],
      };
    }
    // A role of its own is no forwarded session: aws:CalledVia stays absent (IAM User Guide, "aws:CalledVia").
    case 'role':
      return {
        caller: identity.caller,
        account: identity.caller.account,
        region: identity.region,
        connection: inside(identity.via),
      };
    case 'service': {
      const { name, sourceAccount, sourceArn } = identity;
      return {
        caller: {
          principal: {
            kind: 'service',
            name,
            ...(sourceAccount === undefined ? {} : { sourceAccount }),
            ...(sourceArn === undefined ? {} : { sourceArn }),
          },
          account: '',
        },
        account: sourceAccount ?? '',
        region: identity.region,
        connection: inside(name),
      };
    }
  }
}

/** A call that never left the process: no address of anybody, and nothing on a wire to listen to. */
function inside(service: string): Connection {
  return { sourceIp: service, secure: true, userAgent: service, host: '', service };
}
