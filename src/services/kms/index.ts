/** AWS Key Management Service: keys that never leave the vault, and who may use them for what. */
import { type Service, service } from '../service.ts';
import { GenerateRandom } from './operations/generate-random.ts';
import type { KmsPorts } from './ports.ts';

export function kms(ports: KmsPorts): Service {
  return service(
    'kms',
    {
      GenerateRandom,
    },
    ports,
  );
}
