/** Robots are told by the labels of bot control, and by no others. */
import { expect, test } from 'vitest';
import { botOf } from './bot-labels.ts';

test('who a bot is stands in the labels of bot control', () => {
  expect(
    botOf([
      'awswaf:managed:aws:bot-control:bot:name:curl',
      'awswaf:managed:aws:bot-control:bot:category:http_library',
      'awswaf:111122223333:webacl:shop:bot:name:no',
    ]),
  ).toEqual({ name: 'curl', category: 'http_library' });
  expect(botOf(['awswaf:111122223333:webacl:shop:bot:name:no'])).toBeUndefined();
});
