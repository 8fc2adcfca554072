// MAC addresses of virtual routers (RFC 9568 section 7.3): their text, their octets, their prefix.

export const macOctets = 6;

/** The octets but for the virtual_router_id, by family. */
const prefixes: Readonly<Record<4 | 6, readonly number[]>> = {
  4: [0x00, 0x00, 0x5e, 0x00, 0x01],
  6: [0x00, 0x00, 0x5e, 0x00, 0x02],
};

/**
 * The five or six octets that `text` spells in hexadecimal digits, or undefined. A colon may end
 * it.
 */
export function readMac(text: string): readonly number[] | undefined {
  const trimmed = text.endsWith(":") ? text.slice(0, -1) : text;
  if (!/^[0-9a-f]{1,2}(:[0-9a-f]{1,2}){4,5}$/i.test(trimmed)) return undefined;
  return trimmed.split(":").map((octet) => Number.parseInt(octet, 16));
}

/** Whether the first five octets are those of a standard virtual router. */
export function isVirtualRouterMac(octets: readonly number[]): boolean {
  return [prefixes[4], prefixes[6]].some((prefix) =>
    prefix.every((octet, index) => octets[index] === octet),
  );
}

/** The standard address of a virtual router. */
export function virtualRouterMac(family: 4 | 6, virtualRouterId: number): string {
  return formatMac([...prefixes[family], virtualRouterId]);
}

export function formatMac(octets: readonly number[]): string {
  return octets.map((octet) => octet.toString(16).padStart(2, "0")).join(":");
}
