/** UpdateCertificateOptions, PutAccountConfiguration, GetAccountConfiguration. */
import type {
  GetAccountConfigurationResponse,
  PutAccountConfigurationRequest,
  UpdateCertificateOptionsRequest,
} from '@aws-sdk/client-acm';
import { operation } from '../../service.ts';
import { invalidState, notBuilt, validation } from '../errors.ts';
import { accountCheck, certificateCheck, findCertificate } from '../find.ts';
import type { AcmPorts } from '../ports.ts';
import { accountSettings, certificates, regional } from '../state.ts';

export const UpdateCertificateOptions = operation<UpdateCertificateOptionsRequest, object, AcmPorts>({
  checks: async (input, call) => [
    await certificateCheck(call, 'UpdateCertificateOptions', input.CertificateArn, () => ({
      'acm:ValidationMethod': input.Options.ValidationMethod,
    })),
  ],
  async handle(input, call) {
    const row = await findCertificate(call, input.CertificateArn);
    const { CertificateTransparencyLoggingPreference: transparency, Export, ValidationMethod } = input.Options;
    if (row.type !== 'AMAZON_ISSUED') throw invalidState('The options of an imported certificate cannot be changed.');
    if (ValidationMethod !== undefined) throw notBuilt('Changing the validation method of a certificate');
    if (Export !== undefined && Export !== row.options.export) {
      throw validation('You cannot update the value of Export after the certificate is created.');
    }
    const options = { ...row.options, ...(transparency && { transparency }) };
    call.change.put(certificates, regional(row), row.id, { ...row, options });
    return {};
  },
});

const defaultDays = 45;
const settingsKey = 'account';

export const PutAccountConfiguration = operation<PutAccountConfigurationRequest, object, AcmPorts>({
  checks: (_input, call) => [accountCheck(call, 'PutAccountConfiguration')],
  handle(input, call) {
    const days = input.ExpiryEvents?.DaysBeforeExpiry ?? defaultDays;
    call.change.put(accountSettings, regional(call.scope), settingsKey, { daysBeforeExpiry: days });
    return {};
  },
});

export const GetAccountConfiguration = operation<object, GetAccountConfigurationResponse, AcmPorts>({
  checks: (_input, call) => [accountCheck(call, 'GetAccountConfiguration')],
  async handle(_input, call) {
    const row = await call.change.get(accountSettings, regional(call.scope), settingsKey);
    return { ExpiryEvents: { DaysBeforeExpiry: row?.daysBeforeExpiry ?? defaultDays } };
  },
});
