import type { AdmissionError } from '../service/result.ts';

/** Fields of requests and commands, and the flags by which people give them. */
const FLAGS: Record<string, string> = {
  channelArn: '--channel',
  memberArn: '--member',
  member: '--member',
  type: '--type',
  requestedBy: '--as',
  chimeBearer: '--bearer',
  subChannelId: '--sub-channel',
  reason: '--reason',
  term: '--term',
  'actor.principal': '--as',
  comment: '--comment',
  requestDigest: '--digest',
  ticket: '--ticket',
  by: '--by',
  binding: '--binding',
  changed: '--changed',
  'changes.type': '--type',
  'changes.reason': '--reason',
  'changes.term': '--term',
  'changes.chimeBearer': '--bearer',
  'changes.subChannelId': '--sub-channel',
  'to.users': '--to-user',
  'to.roles': '--to-role',
  'to.expression': '--to-expression',
};

/** Tells people the flag that they typed beside the field that programs know. */
export function withFlag(error: AdmissionError): AdmissionError {
  const { field, message } = error;
  if (field === undefined) return error;
  // An item of a list is named by its place: to.users.0
  const flag = FLAGS[field] ?? FLAGS[field.replace(/\.\d+$/, '')] ?? paramFlag(field);
  if (flag === undefined) return error;
  const rest = message.startsWith(`${field}: `) ? message.slice(field.length + 2) : message;
  return { ...error, message: `${flag}: ${rest}` };
}

/** Of a param of an onboarding. */
function paramFlag(field: string): string | undefined {
  return field.startsWith('params.') ? `--param ${field.slice('params.'.length)}=…` : undefined;
}
