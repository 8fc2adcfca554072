// How real servers are called wherever somebody outside reads it: in logs, FIFOs, mail.

/** As keepalived writes it; a mark has no protocol. */
export function realServerName<
  S extends { readonly kind: string; readonly protocol?: string | undefined },
>(service: S, server: { readonly address: string; readonly port: number }): string {
  const protocol = service.kind === "fwmark" ? undefined : service.protocol?.toLowerCase();
  return `[${server.address}]:${protocol ?? "none"}:${server.port}`;
}
