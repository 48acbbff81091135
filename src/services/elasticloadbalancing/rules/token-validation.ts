/** The action `jwt-validation`: checked as AWS documents it. */
import type {
  JwtValidationActionAdditionalClaim,
  JwtValidationActionConfig,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { validation } from '../errors.ts';
import { httpsUrl } from './endpoints.ts';

/** "Verify JWTs using an Application Load Balancer": as many claims, as many values of one, as long ones. */
const most = 10;
const longest = 256;
/** Always validated, by rules of their own. */
const own = new Set(['exp', 'iss', 'nbf', 'iat']);

/** @throws AwsError ValidationError */
export function jwtValidation(config: JwtValidationActionConfig | undefined): JwtValidationActionConfig {
  if (!config) throw validation("A 'JwtValidationConfig' must be specified with 'jwt-validation' actions");
  const { Issuer, AdditionalClaims: claims } = config;
  const JwksEndpoint = httpsUrl('JwksEndpoint', config.JwksEndpoint, longest);
  if (Issuer === undefined || Issuer === '') throw validation("The 'Issuer' must be specified");
  if (Issuer.length > longest) throw validation(`The 'Issuer' is too long; the limit is '${longest}'`);
  if (!claims) return { JwksEndpoint, Issuer };
  if (claims.length > most) throw validation(`The number of additional claims cannot exceed '${most}'`);
  const names = new Set(claims.map(({ Name }) => Name));
  if (names.size < claims.length) throw validation('An additional claim can be specified only once');
  return { JwksEndpoint, Issuer, AdditionalClaims: claims.map(claim) };
}

function claim({ Name, Format, Values = [] }: JwtValidationActionAdditionalClaim): JwtValidationActionAdditionalClaim {
  if (Name === undefined || Name === '') throw validation("A 'Name' must be specified with additional claims");
  if (Name.length > longest) throw validation(`The claim name is too long; the limit is '${longest}'`);
  if (own.has(Name)) throw validation(`The claim '${Name}' is validated by default and cannot be specified`);
  if (Format === undefined) throw validation(`A 'Format' must be specified with the claim '${Name}'`);
  if (Values.length === 0) throw validation(`A value must be specified for the claim '${Name}'`);
  if (Values.length > (Format === 'single-string' ? 1 : most)) {
    throw validation(
      `The claim '${Name}' has too many values; the limit is '${Format === 'single-string' ? 1 : most}'`,
    );
  }
  for (const value of Values) {
    if (value === '' || value.length > longest) {
      throw validation(`A value of the claim '${Name}' must have between '1-${longest}' characters inclusive`);
    }
    if (Format === 'space-separated-values' && value.includes(' ')) {
      throw validation(`A value of the claim '${Name}' cannot include spaces with the format '${Format}'`);
    }
  }
  return { Name, Format, Values };
}
