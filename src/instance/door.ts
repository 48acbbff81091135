/** The one door of an instance: who decides, who performs, who records, and the gateway before them. */
import type { Config } from '../config/config.ts';
import { createActor } from '../gateway/actor.ts';
import { Authorizer } from '../gateway/authorize.ts';
import { defaultLimits, Gateway, type GatewayOptions } from '../gateway/gateway.ts';
import { Performer } from '../gateway/perform.ts';
import { Recorder } from '../gateway/recorder.ts';
import type { SecurityLog } from '../gateway/security-log.ts';
import { rootOnlyActions } from '../services/account/index.ts';
import { wayTo } from '../services/ec2/ways-to-services.ts';
import { crossOriginHeaders, readPostForm, requireBodyDigests } from '../services/s3/index.ts';
import type { Actor, Random, Sealer } from '../services/service.ts';
import { sessionForbids } from '../services/sts/restrictions.ts';
import type { Store } from '../store/store.ts';
import { failureLog } from './failure-log.ts';
import type { Places } from './places.ts';
import type { BoundServices } from './services.ts';
import { sources } from './sources.ts';

export interface DoorParts {
  readonly config: Config;
  readonly store: Store;
  readonly sealer: Sealer;
  readonly random: Random;
  readonly clock: GatewayOptions['clock'];
  readonly security: SecurityLog;
  readonly bound: BoundServices;
  /** Host names under which this instance is reached. */
  readonly hosts: readonly string[];
  readonly region: string;
  readonly places: Places;
  readonly answered: GatewayOptions['answered'];
}

export interface Door {
  readonly gateway: Gateway;
  readonly performer: Performer;
  /** By whom services make calls of their own. */
  readonly actor: Actor;
}

export function openDoor(parts: DoorParts): Door {
  const { config, store, sealer, random, clock, bound } = parts;
  const authorizer = new Authorizer(bound.directory, {
    sessionForbids,
    rootOnly: rootOnlyActions({ supportPlansByPolicy: config.rootOnlySupportPlans === false }),
  });
  const recorder = new Recorder(random);
  const { services } = bound;
  const performer: Performer = new Performer({
    services,
    store,
    authorizer,
    recorder,
    clock,
    random,
    sealer,
    actor: () => actor,
  });
  const actor = createActor(performer, sources, random);
  const gateway = new Gateway({
    sources,
    services,
    credentials: bound.directory,
    performer,
    clock,
    random,
    security: parts.security,
    hosts: parts.hosts,
    region: parts.region,
    regions: parts.places.regions,
    regionsNotEnabled: parts.places.regionsNotEnabled,
    limits: defaultLimits,
    signatureV2: config.signatureV2 ?? true,
    checkDigests: requireBodyDigests,
    browsers: {
      readForm: readPostForm,
      crossOrigin: (bucket, origin, method) => crossOriginHeaders(store, bucket, { origin, method }),
    },
    vpcEndpoints: { from: (place, service) => wayTo(store, place, service) },
    answered: parts.answered,
    failed: failureLog(() => performance.now(), console.error),
  });
  return { gateway, performer, actor };
}
