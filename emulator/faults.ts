import { z } from 'zod';
import { exceptionNames, operations, type Operation } from './model.ts';
import { issueLines } from './issues.ts';

const status = z.int().min(400).max(599);

const faultSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('exception'),
    name: z.string().min(1),
    message: z.string().optional(),
    retryAfter: z.number().min(0).optional(),
    status: status.optional(),
    damage: z.enum(['cut', 'empty', 'garbage']).optional(),
  }),
  z.strictObject({ kind: z.literal('status'), status: z.int().min(200).max(599), body: z.string().default('') }),
  z.strictObject({ kind: z.literal('html'), status }),
  z.strictObject({ kind: z.literal('delay'), ms: z.int().min(0).max(600_000) }),
  z.strictObject({ kind: z.literal('dropBefore') }),
  z.strictObject({ kind: z.literal('dropAfter') }),
  z.strictObject({ kind: z.literal('truncate') }),
  z.strictObject({ kind: z.literal('garbage') }),
  z.strictObject({ kind: z.literal('empty') }),
]);

const orderSchema = z.strictObject({
  operation: z.string(),
  memberArn: z.string().optional(),
  count: z.int().min(1).default(1),
  fault: faultSchema,
});

export type Fault = z.output<typeof faultSchema>;

/** A fault waiting for the calls it is meant for. */
export type FaultOrder = z.output<typeof orderSchema>;

export interface Rejection {
  readonly message: string;
  readonly accepted: readonly string[];
}

const kinds = faultSchema.options.map((option) => option.shape.kind.value);

const keys = ['operation', 'memberArn (optional)', 'count (optional, from 1)', `fault.kind: ${kinds.join(' | ')}`];

function unmodelled(operation: Operation, fault: Fault): Rejection | undefined {
  if (fault.kind !== 'exception' || fault.status !== undefined) return undefined;
  const accepted = operation.errors.map(({ name }) => name);
  if (accepted.includes(fault.name)) return undefined;
  const known = exceptionNames.includes(fault.name) ? 'models other exceptions' : 'does not model it';
  return { message: `fault.name: ${fault.name}: ${operation.name} ${known}; add "status" to send it anyway`, accepted };
}

/** Checks a fault order; a rejection says what was wrong and what is accepted. */
export function parseFault(value: unknown): FaultOrder | Rejection {
  const result = orderSchema.safeParse(value);
  if (!result.success) {
    const wrongKind = result.error.issues.some(({ path }) => path.join('.') === 'fault.kind');
    return { message: issueLines(result.error).join('; '), accepted: wrongKind ? kinds : keys };
  }
  const operation = operations.find(({ name }) => name === result.data.operation);
  if (!operation) {
    const message = `operation: no operation is called ${result.data.operation}`;
    return { message, accepted: operations.map(({ name }) => name) };
  }
  return unmodelled(operation, result.data.fault) ?? result.data;
}

/** Takes the first fault meant for a call, and forgets it once its count is used up. */
export function takeFault(orders: FaultOrder[], operation: string, members: readonly string[]): Fault | undefined {
  const index = orders.findIndex(
    (each) => each.operation === operation && (each.memberArn === undefined || members.includes(each.memberArn)),
  );
  const order = orders[index];
  if (!order) return undefined;
  order.count -= 1;
  if (order.count === 0) orders.splice(index, 1);
  return order.fault;
}
