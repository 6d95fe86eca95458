import { sleep } from '@temporalio/workflow';

export async function sleeper(): Promise<number> {
  const before = Date.now();
  await sleep('30 days');
  return Date.now() - before;
}
