import { z } from 'zod';
import { issueLines } from './issues.ts';

const idPattern = '[A-Za-z0-9](?:[A-Za-z0-9:\\-_.@]{0,62}[A-Za-z0-9])?';
const idRule = '1 to 64 letters, digits or : - _ . @, beginning and ending with a letter or digit';

const id = z.string().regex(new RegExp(`^${idPattern}$`), `must be ${idRule}`);
const person = z
  .string()
  .regex(new RegExp(`^(?:user/|bot/)?${idPattern}$`), `must be the id of a user or bot: ${idRule}`);
const time = z.iso.datetime({ offset: true });
/** A structure of the service in its own spelling, kept as it is. */
const verbatim = z.record(z.string(), z.json());

const common = {
  id,
  name: z.string().optional(),
  metadata: z.string().optional(),
  createdAt: time.optional(),
  updatedAt: time.optional(),
  clientRequestToken: z.string().optional(),
};

const appInstance = z.strictObject({
  ...common,
  users: z.array(z.strictObject(common)),
  bots: z.array(z.strictObject({ ...common, configuration: verbatim.optional() })).optional(),
  admins: z.array(z.union([person, z.strictObject({ id: person, createdAt: time.optional() })])).optional(),
});

const mark = z.union([
  person,
  z.strictObject({ id: person, createdAt: time.optional(), createdBy: person.optional() }),
]);

const member = z.union([
  person,
  z.strictObject({
    id: person,
    type: z.enum(['DEFAULT', 'HIDDEN']).optional(),
    invitedBy: person.optional(),
    createdAt: time.optional(),
    subChannelId: z.string().optional(),
    preferences: verbatim.optional(),
  }),
]);

const elastic = z.strictObject({
  MaximumSubChannels: z.int().min(2).max(100),
  TargetMembershipsPerSubChannel: z.int().min(2).max(1000),
  MinimumMembershipPercentage: z.int().min(1).max(40),
});

const channel = z.strictObject({
  ...common,
  appInstance: id,
  privacy: z.enum(['PUBLIC', 'PRIVATE']).optional(),
  mode: z.enum(['RESTRICTED', 'UNRESTRICTED']).optional(),
  elastic: z.union([z.boolean(), elastic]).optional(),
  subChannels: z.array(z.string()).optional(),
  expirationSettings: verbatim.optional(),
  createdBy: person.optional(),
  moderators: z.array(mark).optional(),
  members: z.array(member).optional(),
  bans: z.array(mark).optional(),
});

const seedSchema = z.strictObject({ appInstances: z.array(appInstance), channels: z.array(channel).optional() });

/** What an emulator starts with, and what `GET /_emulator/state` returns. */
export type Seed = z.input<typeof seedSchema>;
export type SeedInstance = z.input<typeof appInstance>;
export type SeedPerson = NonNullable<SeedInstance['bots']>[number];
export type SeedChannel = z.input<typeof channel>;
export type SeedMark = Exclude<z.input<typeof mark>, string>;
export type SeedMember = Exclude<z.input<typeof member>, string>;

/** Checks the form of a seed; the references inside it are checked when it is loaded. */
export function parseSeed(value: unknown): { seed: Seed } | { problems: string[] } {
  const result = seedSchema.safeParse(value);
  return result.success ? { seed: result.data } : { problems: issueLines(result.error) };
}
