import { expect, it } from 'vitest';
import { Opened } from './opened.ts';

it('closes in the opposite order, one after the other, whatever fails, and once', async () => {
  const opened = new Opened();
  const closed: string[] = [];
  opened.add(() => closed.push('store'));
  opened.add(() => {
    throw new Error('later');
  });
  opened.add(async () => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    closed.push('vault');
    throw new Error('first');
  });
  await expect(opened.close()).rejects.toThrow('first');
  expect(closed).toEqual(['vault', 'store']);
  await opened.close();
  expect(closed).toEqual(['vault', 'store']);
});
