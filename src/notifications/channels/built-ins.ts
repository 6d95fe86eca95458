import type { Channel } from '../channel.ts';
import { email } from './email.ts';
import { webhook } from './webhook.ts';

/** The channels that a configuration may `use` by name: one file and one line for each. */
export const builtInChannels: readonly Channel[] = [webhook, email];
