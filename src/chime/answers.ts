import { z } from 'zod';

/**
 * An answer of Chime is a fact only where it says what was asked for. The SDK takes any 2xx for a success, also an empty
 * one of a proxy, and checks no field. What fails here has the status of its answer, so that the retry table knows it as
 * `unreadable-success`: tried again, then a failure, and never a role, a ban, a roster or an absence.
 */
export function readable<T>(schema: z.ZodType<T>, answer: Answer): T {
  const read = schema.safeParse(answer);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw unreadable(
    `The answer lacks ${issue?.path.join('.') || 'its content'}: ${issue?.message ?? 'no reason'}`,
    answer,
  );
}

export interface Answer {
  readonly $metadata: { readonly httpStatusCode?: number | undefined };
}

export function unreadable(message: string, { $metadata }: Answer): Error {
  return Object.assign(new Error(message), { name: 'UnreadableAnswer', $metadata });
}

const arn = z.string().startsWith('arn:');
const text = z.string().optional();
const time = z.date().transform((date) => date.toISOString());

/** Exactly whom or what we asked about. */
const asked = (about: string) => z.literal(about);
/** Not every answer repeats the channel; one that names another is not ours. */
const channelOf = (channelArn: string) => asked(channelArn).optional();
const subChannelOf = (subChannelId: string | undefined) =>
  subChannelId === undefined ? text : asked(subChannelId).optional();

export const channelAnswer = (channelArn: string) =>
  z
    .object({
      Channel: z.object({
        ChannelArn: asked(channelArn),
        Privacy: z.enum(['PUBLIC', 'PRIVATE']),
        Mode: z.enum(['RESTRICTED', 'UNRESTRICTED']),
        ElasticChannelConfiguration: z.looseObject({}).optional(),
      }),
    })
    .transform(({ Channel: channel }) => ({
      privacy: channel.Privacy,
      mode: channel.Mode,
      elastic: channel.ElasticChannelConfiguration !== undefined,
    }));

export const membershipAnswer = (channelArn: string, memberArn: string, subChannelId?: string) =>
  z
    .object({
      ChannelMembership: z.object({
        ChannelArn: channelOf(channelArn),
        Member: z.object({ Arn: asked(memberArn), Name: text }),
        Type: z.enum(['DEFAULT', 'HIDDEN']),
        InvitedBy: z.object({ Arn: arn }).optional(),
        CreatedTimestamp: time.optional(),
        SubChannelId: subChannelOf(subChannelId),
      }),
    })
    .transform(({ ChannelMembership: { Type, Member, InvitedBy, CreatedTimestamp, SubChannelId } }) => ({
      type: Type,
      ...(Member.Name ? { name: Member.Name } : {}),
      ...(InvitedBy ? { invitedBy: InvitedBy.Arn } : {}),
      ...(CreatedTimestamp ? { createdAt: CreatedTimestamp } : {}),
      ...(SubChannelId ? { subChannelId: SubChannelId } : {}),
    }));

export const moderatorAnswer = (channelArn: string, person: string) =>
  z.object({
    ChannelModerator: z.object({ ChannelArn: channelOf(channelArn), Moderator: z.object({ Arn: asked(person) }) }),
  });

export const banAnswer = (channelArn: string, person: string) =>
  z.object({
    ChannelBan: z.object({ ChannelArn: channelOf(channelArn), Member: z.object({ Arn: asked(person) }) }),
  });

/** A page of a list: every item has its ARN. `owner`: the field that says whose list it is. */
const page =
  <Item>(items: string, item: z.ZodType<Item>, arnOf: (item: Item) => string, owner = 'ChannelArn') =>
  (ownerArn: string) =>
    z.object({ [owner]: asked(ownerArn).optional(), [items]: z.array(item), NextToken: text }).transform((found) => ({
      arns: (found[items] as Item[]).map(arnOf),
      next: (found['NextToken'] as string | undefined) || undefined,
    }));

const moderator = z.object({ Moderator: z.object({ Arn: arn }) });
const member = z.object({ Member: z.object({ Arn: arn }) });
const admin = z.object({ Admin: z.object({ Arn: arn }) });
export const moderatorsPage = page('ChannelModerators', moderator, ({ Moderator }) => Moderator.Arn);
export const membersPage = page('ChannelMemberships', member, ({ Member }) => Member.Arn);
export const adminsPage = page('AppInstanceAdmins', admin, ({ Admin }) => Admin.Arn, 'AppInstanceArn');

/** A name may be empty; whose it is may not. */
export const userAnswer = (user: string) =>
  z
    .object({ AppInstanceUser: z.object({ AppInstanceUserArn: asked(user), Name: text }) })
    .transform(({ AppInstanceUser: { Name } }) => Name);
export const botAnswer = (bot: string) =>
  z
    .object({ AppInstanceBot: z.object({ AppInstanceBotArn: asked(bot), Name: text }) })
    .transform(({ AppInstanceBot: { Name } }) => Name);

/** What CreateChannelMembership says of the member it added. */
export const createdAnswer = (channelArn: string, memberArn: string, subChannelId?: string) =>
  z.object({
    ChannelArn: channelOf(channelArn),
    Member: z.object({ Arn: asked(memberArn), Name: text }),
    SubChannelId: subChannelOf(subChannelId),
  });

/** What SendChannelMessage says of the message it took. */
export const sentAnswer = z.object({ MessageId: z.string().min(1) });
