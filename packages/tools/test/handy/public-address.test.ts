import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isLoopbackAddress, isPublicAddress } from "../../src/handy/fetch/public-address.js";

const refused: readonly (readonly [what: string, addresses: readonly string[]])[] = [
  ["this host", ["0.0.0.0", "0.1.2.3", "::"]],
  ["loopback", ["127.0.0.1", "127.255.255.254", "::1"]],
  [
    "private",
    ["10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.255.255"],
  ],
  ["carrier's NAT", ["100.64.0.1", "100.127.255.255"]],
  ["link-local", ["169.254.0.1", "fe80::1", "fe80::1%eth0", "febf::1"]],
  ["cloud metadata", ["169.254.169.254", "168.63.129.16", "100.100.100.200", "192.0.0.192", "fd00:ec2::254"]],
  ["multicast and broadcast", ["224.0.0.1", "239.255.255.255", "255.255.255.255", "ff02::1"]],
  ["reserved", ["240.0.0.1", "192.0.0.1", "198.18.0.1", "198.19.255.255"]],
  ["documentation", ["192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1"]],
  ["unique local and site-local", ["fc00::1", "fdff::1", "fec0::1"]],
  ["mapped IPv4", ["::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:7f00:1", "0:0:0:0:0:ffff:a00:1"]],
  ["compatible IPv4", ["::127.0.0.1", "::7f00:1"]],
  ["NAT64", ["64:ff9b::7f00:1", "64:ff9b::127.0.0.1", "64:ff9b:1::a00:1"]],
  ["6to4", ["2002:7f00:1::", "2002:a00:1::1", "192.88.99.1"]],
  ["Teredo", ["2001::1", "2001:0:7f00:1::1"]],
  ["no address", ["", "localhost", "127.1", "0x7f000001", "2130706433", "1.2.3.4.5", "[::1]"]],
];

const allowed: readonly string[] = [
  ...["1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255"],
  ...["128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.167.255.255"],
  ...["192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255"],
  ...["2606:4700:4700::1111", "2a00:1450::1", "2001:4860:4860::8888", "2003::1"],
];

describe("isPublicAddress", () => {
  it.each(refused)("refuses %s", (_what, addresses) => {
    for (const address of addresses) expect([address, isPublicAddress(address)]).toEqual([address, false]);
  });

  it.each(allowed)("allows %s", (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it("refuses every IPv6 address that isn't global unicast", () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        const isGlobal = /^[23][0-9a-f]{3}:/i.test(address);
        expect(isGlobal || !isPublicAddress(address)).toBe(true);
      }),
    );
  });
});

describe("isLoopbackAddress", () => {
  it("knows this machine's own addresses in their plain form, and no others", () => {
    for (const address of ["127.0.0.1", "127.9.9.9", "::1"]) expect(isLoopbackAddress(address)).toBe(true);
    for (const address of ["10.0.0.1", "0.0.0.0", "::", "::ffff:127.0.0.1", "::ffff:7f00:1", "localhost"])
      expect(isLoopbackAddress(address)).toBe(false);
  });
});
