/**
 * AWS Shield: Standard needs no call; Advanced, by subscription, watches protected resources. `state.ts` tells others which
 * resources are protected and how; attacks are written by whoever watches the traffic.
 */
import { type Service, service } from '../service.ts';
import * as attacks from './operations/attacks.ts';
import * as automaticResponse from './operations/automatic-response.ts';
import * as protectionGroups from './operations/protection-groups.ts';
import {
  AssociateHealthCheck,
  CreateProtection,
  DeleteProtection,
  DescribeProtection,
  DisassociateHealthCheck,
  ListProtections,
} from './operations/protections.ts';
import * as responseTeam from './operations/response-team.ts';
import {
  CreateSubscription,
  DeleteSubscription,
  DescribeSubscription,
  GetSubscriptionState,
  UpdateSubscription,
} from './operations/subscriptions.ts';
import * as tags from './operations/tags.ts';
import type { ShieldPorts } from './ports.ts';

export function shield(ports: ShieldPorts): Service {
  const operations = {
    CreateSubscription,
    GetSubscriptionState,
    DescribeSubscription,
    UpdateSubscription,
    DeleteSubscription,
    CreateProtection,
    DescribeProtection,
    ListProtections,
    DeleteProtection,
    AssociateHealthCheck,
    DisassociateHealthCheck,
    ...automaticResponse,
    ...protectionGroups,
    ...responseTeam,
    ...attacks,
    ...tags,
  };
  return service('shield', operations, ports);
}
