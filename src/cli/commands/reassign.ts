import type { Command } from 'commander';
import { addActorOptions, give } from '../give.ts';
import type { ActorOptions } from '../give.ts';
import { given } from '../given.ts';

interface ReassignOptions extends ActorOptions {
  binding: string;
  toUser?: string[];
  toRole?: string[];
  toExpression?: string;
  reason: string;
}

export function addReassign(program: Command): void {
  const command = program
    .command('reassign')
    .summary('let others review a pending request')
    .description('Names others who review the open stage of a requirement, in place of those who may now.');
  addActorOptions(command, 'an app instance admin')
    .requiredOption('--binding <name>', 'who asks for the approval, as `admit show` names it')
    .option('--to-user <arn...>', 'these users')
    .option('--to-role <role...>', 'whoever holds one of these roles, such as app_instance_admin')
    .option('--to-expression <cel>', 'of them, or of all moderators and admins, those for whom this is true')
    .requiredOption('--reason <text>', 'why, for the record')
    .addHelpText('after', EXAMPLES)
    .action((id: string, options: ReassignOptions) => {
      const { binding, toUser: users, toRole: roles, toExpression: expression, reason } = options;
      return give(id, 'reassign', { binding, to: given({ users, roles, expression }), reason }, options);
    });
}

const EXAMPLES = `
Examples:
  admit reassign ID --binding privacy --to-user USER_ARN --reason "both are away" --as ADMIN_ARN
  admit reassign ID --binding privacy --to-role app_instance_admin --reason "they are away" --as ADMIN_ARN`;
