/** Now, but never before the time of the workflow that asks: clocks differ, and what it waited for must have come. */
export function latest(workflowTime: string | undefined): Date {
  return new Date(Math.max(Date.now(), workflowTime === undefined ? 0 : Date.parse(workflowTime)));
}
