/** CopyObject's own limit. A refused upload beyond it stays in landing, tagged, and the seal does not delete it. */
export const COPYABLE_BYTES = 5 * 1024 ** 3;
