/** The environment in which a test's worker, clients and CLI use one emulator and one Temporal server. */
export function testEnvironment(options: {
  temporalAddress: string;
  emulatorUrl: string;
  taskQueue: string;
  bearer: string;
}): Record<string, string> {
  return {
    TEMPORAL_ADDRESS: options.temporalAddress,
    TEMPORAL_NAMESPACE: 'default',
    AWS_ENDPOINT_URL_CHIME_SDK_MESSAGING: options.emulatorUrl,
    AWS_ENDPOINT_URL_CHIME_SDK_IDENTITY: options.emulatorUrl,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_EC2_METADATA_DISABLED: 'true',
    ADMISSION_TASK_QUEUE: options.taskQueue,
    ADMISSION_CHIME_TASK_QUEUE: `${options.taskQueue}-chime`,
    ADMISSION_BEARERS: options.bearer,
    ADMISSION_TRUST_CLIENTS: 'true',
    ADMISSION_FACT_TTL: '0s',
    // The table's intervals are tested as a table; waiting for them would only be slow.
    ADMISSION_RETRY_INITIAL: '50ms',
    ADMISSION_RETRY_MAXIMUM: '200ms',
    ADMISSION_LOG_LEVEL: 'error',
  };
}
