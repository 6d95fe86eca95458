/** Default quotas of the service that the emulator enforces. */
export const limits = {
  membershipsPerChannel: 10_000,
  moderatorsPerChannel: 1_000,
  subChannelsPerChannel: 100,
  membershipsPerSubChannel: 1_000,
} as const;
