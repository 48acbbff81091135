/**
 * AWS Certificate Manager: certificates that are requested of this instance's authority or a public one, or imported, and renewed.
 * Others read of it what `reading.ts` exports.
 */
import { type Service, service } from '../service.ts';
import { renewalJob, validationJob } from './jobs.ts';
import {
  DescribeCertificate,
  GetCertificate,
  ListCertificateDomainValidations,
} from './operations/describe-certificate.ts';
import { DeleteCertificate, RenewCertificate, RevokeCertificate } from './operations/end-certificate.ts';
import { ExportCertificate } from './operations/export-certificate.ts';
import { ImportCertificate } from './operations/import-certificate.ts';
import { ListCertificates } from './operations/list-certificates.ts';
import { RequestCertificate, ResendValidationEmail } from './operations/request-certificate.ts';
import { GetAccountConfiguration, PutAccountConfiguration, UpdateCertificateOptions } from './operations/settings.ts';
import { AddTagsToCertificate, ListTagsForCertificate, RemoveTagsFromCertificate } from './operations/tags.ts';
import { orderJob } from './orders.ts';
import type { AcmPorts } from './ports.ts';

export function acm(ports: AcmPorts): Service {
  return service(
    'acm',
    {
      AddTagsToCertificate,
      DeleteCertificate,
      DescribeCertificate,
      ExportCertificate,
      GetAccountConfiguration,
      GetCertificate,
      ImportCertificate,
      ListCertificateDomainValidations,
      ListCertificates,
      ListTagsForCertificate,
      PutAccountConfiguration,
      RemoveTagsFromCertificate,
      RenewCertificate,
      RequestCertificate,
      ResendValidationEmail,
      RevokeCertificate,
      UpdateCertificateOptions,
    },
    ports,
    [validationJob(ports), renewalJob(ports), orderJob(ports)],
  );
}
