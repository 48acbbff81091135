/** What every site does with a web ACL: opens compressed bodies, asks, and answers for it where it stops a request. */
import type { Exchange } from '../exchange.ts';
import { codingsOf, inflateStart } from './inflate.ts';
import type { Asked, Inspector } from './inspector.ts';

/** @param go called if the request is not answered here: it may pass, or nobody could say */
export function judge(
  exchange: Exchange,
  inspector: Inspector,
  asked: Asked,
  go: (outcome: 'pass' | 'failed') => void,
): void {
  const codings = exchange.body.size === 0 ? undefined : codingsOf(exchange.incoming.headers['content-encoding']);
  if (codings === undefined) {
    ask(exchange, inspector, asked, go);
    return;
  }
  inflateStart(exchange.body.start, codings, inspector.bodyBytes)
    .then(
      (inflated) => {
        exchange.inflated = inflated;
        if (!exchange.isGone) ask(exchange, inspector, asked, go);
      },
      () => {
        if (!exchange.isGone) go('failed');
      },
    )
    .catch((error: unknown) => exchange.fault(error));
}

function ask(exchange: Exchange, inspector: Inspector, asked: Asked, go: (outcome: 'pass' | 'failed') => void): void {
  const { outcome } = exchange;
  const ruling = inspector.inspect(exchange, asked);
  if (ruling.kind === 'answer') {
    outcome.actions.push('waf');
    outcome.errorReason = ruling.reason;
    for (const one of ruling.answerHeaders) exchange.answerHeaders.push(one);
    exchange.answer(ruling.status, ruling.headers, ruling.body);
    return;
  }
  outcome.actions.push(ruling.kind === 'failed' ? 'waf-failed' : 'waf');
  if (ruling.kind === 'pass') exchange.insertedHeaders = ruling.insertedHeaders;
  go(ruling.kind);
}
