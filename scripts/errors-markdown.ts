import { CHIME_ERRORS } from '../src/domain/chime-errors.ts';

/** The text of `docs/errors.md`, made from the retry table. */
export function errorsDoc(): string {
  const rows = CHIME_ERRORS.map(
    (row) => `| \`${row.id}\` | ${row.answer} | **${row.class}** | ${row.what} | ${row.hint} |`,
  );
  return `# What Chime answers, and what happens then

Made from the table in \`src/domain/chime-errors.ts\` by \`npm run docs:errors\`; do not edit it here. Rows are checked from
the top, by HTTP status first, then by name, then by the code of the socket; the first that matches counts.

| row | answer | class | what happens | hint |
| --- | --- | --- | --- | --- |
${rows.join('\n')}

The SDK tries once (\`maxAttempts: 1\`); Temporal tries again: after 1 s, twice as long each time, at most 60 s apart, each
attempt for at most 15 s, for at most 24 h (\`ADMISSION_RETRY_*\`, see [operations](operations.md)). When the 24 h are
over, one more DescribeChannelMembership looks whether an attempt was applied after all.
`;
}
