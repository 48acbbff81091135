/** Who a robot is, by the labels that the bot control group puts on its requests. */

export interface BotIdentity {
  readonly name?: string;
  readonly category?: string;
  readonly organization?: string;
}

const botLabel = /^awswaf:managed:aws:bot-control:bot:(name|category|organization):(.+)$/;

/** Undefined: nobody that bot control knows. */
export function botOf(labels: readonly string[]): BotIdentity | undefined {
  const found: Record<string, string> = {};
  for (const label of labels) {
    const [, kind, value] = botLabel.exec(label) ?? [];
    if (kind !== undefined && value !== undefined) found[kind] ??= value;
  }
  return Object.keys(found).length > 0 ? found : undefined;
}
