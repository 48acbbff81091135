/** A rule as the API shows it. */
import type { Rule } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ruleArn } from '../arns.ts';
import type { RuleRow } from '../state.ts';
import { withoutSecret } from './authentication.ts';

export const shownRule = (row: RuleRow): Rule => ({
  RuleArn: ruleArn(row),
  Priority: row.priority === undefined ? 'default' : String(row.priority),
  Conditions: [...row.conditions],
  Actions: row.actions.map(withoutSecret),
  IsDefault: row.priority === undefined,
  Transforms: [...row.transforms],
});
