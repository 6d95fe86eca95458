import { ChimeSDKIdentityClient } from '@aws-sdk/client-chime-sdk-identity';
import { ChimeSDKMessagingClient } from '@aws-sdk/client-chime-sdk-messaging';

export interface ChimeClients {
  readonly messaging: ChimeSDKMessagingClient;
  readonly identity: ChimeSDKIdentityClient;
  destroy(): void;
}

/**
 * The two SDK clients of a process. They try once, since Temporal alone tries again; every time limit really fires
 * (`requestTimeout` needs `throwOnRequestTimeout`, and a stalled body needs `socketTimeout`); and no answer may shift
 * their clock (chime.md §7, §8). Region, credentials and endpoints come from the usual AWS environment.
 */
export function createChimeClients({ callTimeoutMs }: { callTimeoutMs: number }): ChimeClients {
  const options = {
    maxAttempts: 1,
    disableClockSkewCorrection: true,
    requestHandler: {
      connectionTimeout: Math.min(callTimeoutMs, 2_000),
      requestTimeout: callTimeoutMs,
      throwOnRequestTimeout: true,
      socketTimeout: callTimeoutMs,
    },
  };
  const messaging = new ChimeSDKMessagingClient(options);
  const identity = new ChimeSDKIdentityClient(options);
  return {
    messaging,
    identity,
    destroy() {
      messaging.destroy();
      identity.destroy();
    },
  };
}
