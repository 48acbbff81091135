/** A process of its own that counts five million addresses under one rate rule, and prints what memory it took at most. */
import { RateRegistry } from '../../src/engines/waf/rates/registry.ts';
import { createWafState } from '../../src/engines/waf/state.ts';
import { compiled, request, rule, verdictOf } from '../../src/engines/waf/waf.fixture.ts';

const sources = 5_000_000;
const start = 1_800_000_000_000;
const web = compiled([
  rule(
    'limit',
    0,
    { RateBasedStatement: { Limit: 100, EvaluationWindowSec: 300, AggregateKeyType: 'IP' } },
    { Block: {} },
  ),
]);
const state = createWafState();
const [settings] = web.rates;
if (!settings || !(state.rates instanceof RateRegistry)) throw new Error('there is no rate to count by');

let most = 0;
let limited = 0;
for (let index = 0; index < sources; index++) {
  const address = `${11 + (index >>> 24)}.${(index >>> 16) & 255}.${(index >>> 8) & 255}.${index & 255}`;
  const at = start + index / 100;
  // One in a hundred as a whole request; the rest of what a request costs keeps nothing.
  if (index % 100 === 0) {
    if (verdictOf(web, request({ source: { ip: address } }), state, at).action === 'BLOCK') limited += 1;
    // One source among them that is too fast: 10,000 requests.
    verdictOf(web, request({ source: { ip: '198.51.100.1' } }), state, at);
  } else if (state.rates.isOver(settings, address, address, at)) limited += 1;
  if (index % 50_000 === 0) most = Math.max(most, process.memoryUsage.rss());
}
most = Math.max(most, process.memoryUsage.rss());
const held = state.rates.limitedKeys('limit', start + sources / 100);
console.log(JSON.stringify({ sources, megabytes: most / 1024 / 1024, limited, held }));
