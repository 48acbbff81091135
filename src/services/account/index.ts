/** AWS Account Management: the account itself, its contacts, and the email of its root user. */
import { type Service, service } from '../service.ts';
import { GetAccountInformation, PutAccountName } from './operations/account-information.ts';
import { DeleteAlternateContact, GetAlternateContact, PutAlternateContact } from './operations/alternate-contacts.ts';
import { GetContactInformation, PutContactInformation } from './operations/contact-information.ts';
import { AcceptPrimaryEmailUpdate, GetPrimaryEmail, StartPrimaryEmailUpdate } from './operations/primary-email.ts';
import type { AccountPorts } from './ports.ts';

export function account(ports: AccountPorts): Service {
  return service(
    'account',
    {
      AcceptPrimaryEmailUpdate,
      DeleteAlternateContact,
      GetAccountInformation,
      GetAlternateContact,
      GetContactInformation,
      GetPrimaryEmail,
      PutAccountName,
      PutAlternateContact,
      PutContactInformation,
      StartPrimaryEmailUpdate,
    },
    ports,
  );
}

export { rootOnlyActions } from './root-only.ts';
