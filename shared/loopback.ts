/**
 * Whether nothing that is sent to this host leaves the machine (RFC 1122 section 3.2.1.3, RFC 4291 section 2.5.3): the only ones that may be
 * reached without TLS. An IPv6 address stands in brackets in a URL, and without them everywhere else.
 */
export const isLoopback = (host: string): boolean => /^(127(\.\d{1,3}){3}|::1|\[::1\]|localhost)$/.test(host);
