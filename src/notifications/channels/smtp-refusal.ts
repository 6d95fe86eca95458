/** What nodemailer says of a failure. `permanent`: the server refused for good; `command`: what it refused. */
interface SmtpError {
  readonly permanent?: unknown;
  readonly command?: unknown;
}

/**
 * Whether the server refused this recipient or this message for good. A refused login or sender is configuration, which
 * an operator may mend while it is tried again.
 */
export function isRefused(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { permanent, command } = error as SmtpError;
  return permanent === true && (command === 'RCPT TO' || command === 'DATA');
}
