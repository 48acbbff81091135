/** What each kind of policy may and must hold: one row per kind (IAM and Organizations user guides). */
import type { PolicyKind } from './types.ts';

export interface Grammar {
  readonly principal: 'required' | 'forbidden';
  readonly resource: 'required' | 'optional' | 'forbidden';
  readonly notPrincipal: boolean;
  readonly notAction: boolean;
  /** Resource control policies may only deny; AWS's own RCPFullAWSAccess is the exception. */
  readonly allow: boolean;
  /** IAM refuses other characters than U+0020–U+00FF, tab, line feed and carriage return. */
  readonly latin: boolean;
  /** S3 wants the brace as the very first character. */
  readonly braceFirst: boolean;
  /** IAM checks that resources are plausible ARNs of its own types. */
  readonly iamResources: boolean;
  /** IAM's Sid is `[0-9A-Za-z]*`; resource policies of other services also take blanks and punctuation. */
  readonly plainSid: boolean;
  /** One of AWS's managed policies names a condition key without a service. */
  readonly anyKey: boolean;
  /** The text of IAM for what is not JSON. */
  readonly notJson: string;
}

const identity: Grammar = {
  principal: 'forbidden',
  resource: 'required',
  notPrincipal: false,
  notAction: true,
  allow: true,
  latin: true,
  braceFirst: false,
  iamResources: true,
  plainSid: true,
  anyKey: false,
  notJson: 'Syntax errors in policy.',
};

const resource: Grammar = {
  ...identity,
  principal: 'required',
  resource: 'optional',
  notPrincipal: true,
  latin: false,
  braceFirst: true,
  iamResources: false,
  plainSid: false,
};

export const grammars: Readonly<Record<PolicyKind, Grammar>> = {
  identity,
  boundary: identity,
  session: identity,
  scp: { ...identity, iamResources: false },
  rcp: { ...resource, braceFirst: false, resource: 'required', notPrincipal: false, notAction: false, allow: false },
  resource,
  // A role's trust policy stands on the role: it names no resource.
  trust: {
    ...identity,
    principal: 'required',
    resource: 'forbidden',
    notAction: false,
    iamResources: false,
    notJson: 'This policy contains invalid Json',
  },
  key: { ...resource, braceFirst: false, resource: 'required' },
  endpoint: { ...resource, braceFirst: false, resource: 'required' },
};
