/** asl-validator 4.0.0 ships no declarations. */
declare module 'asl-validator' {
  interface ValidationResult {
    readonly isValid: boolean;
    errorsText(separator?: string): string;
  }
  /** Writes into `definition`: give it a copy. */
  export default function validate(definition: unknown): ValidationResult;
}
