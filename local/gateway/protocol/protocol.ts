import type { ApiError, ApiResponse } from '../../service.ts';
import type { SignatureFault } from '../sigv4/verify.ts';

/** How one family of services speaks of errors. */
export interface Protocol {
  /** Renders an error as the SDK expects it. */
  render(
    error: ApiError,
    request: { readonly requestId: string; readonly method: string; readonly contentType: string },
  ): ApiResponse;
  readonly signatureFaults: Readonly<Record<SignatureFault, ApiError>>;
  /** What the service says when there are too many requests. */
  readonly throttled: ApiError;
  readonly failed: ApiError;
}
