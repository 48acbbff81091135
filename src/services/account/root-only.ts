/**
 * The actions that an account's root user alone may take, whatever policies say: the gateway refuses them to all others.
 * Source: IAM User Guide, "Tasks that require root user credentials". Tasks that are no API call (closing the account in
 * the console, switching on IAM access to billing) join the list when they are built.
 */

/** Opened to policies at AWS since; closed here unless the operator opens it. */
const supportPlanActions = ['supportplans:StartSupportPlanUpdate'] as const;

const always = ['account:StartPrimaryEmailUpdate', 'account:AcceptPrimaryEmailUpdate', 'account:CloseAccount'] as const;

/** @param options supportPlansByPolicy: leave support plans to policies, as AWS does today */
export function rootOnlyActions(options: { readonly supportPlansByPolicy: boolean }): ReadonlySet<string> {
  return new Set(options.supportPlansByPolicy ? always : [...always, ...supportPlanActions]);
}

/** The default. */
export const rootOnly: ReadonlySet<string> = rootOnlyActions({ supportPlansByPolicy: false });
