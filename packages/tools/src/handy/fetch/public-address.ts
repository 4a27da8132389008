import { BlockList, isIP } from "node:net";

/**
 * Not for the public, or not for one host. Source: IANA's registry of special-purpose IPv4 addresses, and multicast; the last is
 * public by its number, and answers with a cloud machine's secrets.
 */
const refusedV4: readonly (readonly [network: string, bits: number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
  ["168.63.129.16", 32],
];

/**
 * All of IPv6 that is for the public is in here. What hides an IPv4 address is mostly not: `::ffff:0:0/96`, `64:ff9b::/96`,
 * `64:ff9b:1::/48`, `::/96`; nor are link-local, unique local, site-local and multicast.
 */
const globalV6: readonly [string, number] = ["2000::", 3];

/** Teredo and other protocols' own, documentation, 6to4, documentation. Source: IANA's registry of special-purpose IPv6 addresses. */
const refusedV6: readonly (readonly [network: string, bits: number])[] = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
];

const publicV6 = listOf("ipv6", [globalV6]);
const refused = {
  ipv4: listOf("ipv4", refusedV4),
  ipv6: listOf("ipv6", refusedV6),
} as const;
const loopback = {
  ipv4: listOf("ipv4", [["127.0.0.0", 8]]),
  ipv6: listOf("ipv6", [["::1", 128]]),
} as const;

/** Whether an IP address is one of the public internet. `false` for what is no address, or has a zone. */
export function isPublicAddress(address: string): boolean {
  const family = familyOf(address);
  if (family === undefined) return false;
  if (family === "ipv6" && !publicV6.check(address, family)) return false;
  return !refused[family].check(address, family);
}

/** Whether an IP address is this machine's own, in its plain form. */
export function isLoopbackAddress(address: string): boolean {
  const family = familyOf(address);
  if (family === undefined || (family === "ipv6" && address.includes("."))) return false;
  return loopback[family].check(address, family);
}

function familyOf(address: string): "ipv4" | "ipv6" | undefined {
  // A zone belongs to a link-local address, and the lists can't read it.
  if (address.includes("%")) return undefined;
  const family = isIP(address);
  return family === 4 ? "ipv4" : family === 6 ? "ipv6" : undefined;
}

function listOf(family: "ipv4" | "ipv6", networks: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList();
  for (const [network, bits] of networks) list.addSubnet(network, bits, family);
  return list;
}
