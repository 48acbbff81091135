/** What the operator may ask of the certificate authority (`bailey ca …`). */
import { spiffeOf } from '../../certificates/names.ts';
import type { OperatorCommands } from '../operator.ts';
import type { SecureListener } from './secure-listener.ts';

/** @param file where the root certificate lies */
export function authorityCommands(secure: SecureListener | undefined, file: string | undefined): OperatorCommands {
  const present = (): SecureListener => {
    if (!secure) throw new Error('This instance speaks no TLS: start it with --tls or --tls-only.');
    return secure;
  };
  return {
    '/ca': async () => ({ root: present().root, ...(file !== undefined && { file }) }),
    '/ca/issue': async ({ principal, name, hours }) => {
      const subject = principal === undefined ? String(name) : spiffeOf(String(principal));
      const { key, chain, to } = await present().issueClient(subject, Number(hours));
      return { key, chain, root: present().root, until: new Date(to).toISOString() };
    },
  };
}
