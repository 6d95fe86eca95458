/** Keys whose values name the process, its machine or its files; replay needs none of them. */
const MACHINE: Record<string, unknown> = { identity: 'recorder', stackTrace: '' };

/** A history as JSON without what names the machine that it was recorded on. */
export function scrubbed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(scrubbed);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => {
    if (key in MACHINE) return [key, MACHINE[key]] as const;
    if (key === 'taskQueue') return [key, withoutHost(inner)] as const;
    return [key, scrubbed(inner)] as const;
  });
  return Object.fromEntries(entries);
}

/** The sticky queue of a worker has its identity in its name. */
function withoutHost(taskQueue: unknown): unknown {
  const sticky = (taskQueue as { kind?: string }).kind === 'TASK_QUEUE_KIND_STICKY';
  return sticky ? { ...(taskQueue as object), name: 'sticky' } : taskQueue;
}

/** What in a recorded history looks like a path, a host, a port or a process; payloads are looked into. */
export function traces(text: string): string[] {
  const payloads = [...text.matchAll(/"data":"([A-Za-z0-9+/=]+)"/g)].map(([, data]) =>
    Buffer.from(data ?? '', 'base64').toString(),
  );
  const suspicious =
    /\d+@[\w.-]+|file:\/\/\S*|\/(?:work|home|root|tmp|usr|Users|node_modules)\/\S*|localhost|127\.0\.0\.1\S*|[\w.]:\d{4,5}\b/g;
  return [text, ...payloads].flatMap((part) => part.match(suspicious) ?? []);
}
