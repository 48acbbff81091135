/** AWS Security Token Service: temporary credentials. Federation by SAML and web identity is not built. */
import { type Service, service } from '../service.ts';
import { assumeRole } from './operations/assume-role.ts';
import { assumeRoot } from './operations/assume-root.ts';
import { decodeAuthorizationMessage } from './operations/decode-authorization-message.ts';
import { getAccessKeyInfo } from './operations/get-access-key-info.ts';
import { getCallerIdentity } from './operations/get-caller-identity.ts';
import { getFederationToken } from './operations/get-federation-token.ts';
import { getSessionToken } from './operations/get-session-token.ts';
import type { StsPorts } from './ports.ts';

export function sts(ports: StsPorts): Service {
  return service(
    'sts',
    {
      AssumeRole: assumeRole,
      AssumeRoot: assumeRoot,
      DecodeAuthorizationMessage: decodeAuthorizationMessage,
      GetAccessKeyInfo: getAccessKeyInfo,
      GetCallerIdentity: getCallerIdentity,
      GetFederationToken: getFederationToken,
      GetSessionToken: getSessionToken,
    },
    ports,
  );
}
