/** What a schedule says, and how its function is asked. */
export interface RotationPlan {
  readonly functionArn: string;
  readonly days: number;
}

/** Invokes the function for the secret, as Secrets Manager: whether it succeeded. */
export type InvokeRotation = (functionArn: string, secretArn: string, payload: string) => Promise<boolean>;
