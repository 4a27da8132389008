import { describe, expect, it } from "vitest";
import { createRedactor } from "../src/record/redact.js";

describe("what is taken for a secret", () => {
  it("leaves everything else as it was", async () => {
    const text =
      "The bearer of news, a token, sk-other-1234567890 and the password policy: bearer certificates.";
    expect(
      createRedactor(["", "zzz"], { HOME: "/home/someone", SHORT_KEY: "news", NO_KEY: undefined })(text),
    ).toBe(text);
  });

  it.each<[string, string, string]>([
    ["a key", "key sk-ant-api03-abc_DEF-123, please", "key [redacted], please"],
    ["a bearer token", "authorization: bearer abc123def.ghi==;", "authorization: bearer [redacted];"],
    ["a value of the environment", "x hunter2hunter2 y", "x [redacted] y"],
    ["the same in a URL", "?q=a%20b%26c-secret", "?q=[redacted]"],
    ["the same in base64", `Basic ${Buffer.from("hunter2hunter2").toString("base64")}`, "Basic [redacted]"],
    [
      "the same in base64, alone",
      `x ${Buffer.from("hunter2hunter2").toString("base64")} y`,
      "x [redacted] y",
    ],
    ["the same in hex", `x ${Buffer.from("hunter2hunter2").toString("hex")} y`, "x [redacted] y"],
    [
      "the same in HEX",
      `x ${Buffer.from("hunter2hunter2").toString("hex").toUpperCase()} y`,
      "x [redacted] y",
    ],
    ["a value in base64url", `x ${Buffer.from("??>>~~ÿÿ-secret").toString("base64url")} y`, "x [redacted] y"],
    [
      "the same where all is percent-encoded, twice too",
      "%61%20%62%26%63-secret a%2520b%2526c-secret",
      "[redacted] [redacted]",
    ],
    ["the same in a form", "q=a+b%26c-secret", "q=[redacted]"],
    ["a value in a form", "q=correct+horse", "q=[redacted]"],
    ["the same in JSON that is ASCII", String.raw`"p\u00e4ssw\u00f6rter"`, '"[redacted]"'],
    ["the same in JSON in JSON", JSON.stringify(JSON.stringify('say "it" now')), '"\\"[redacted]\\""'],
    ["two, one of which begins the other", "abcdefgh-long and abcdefgh", "[redacted] and [redacted]"],
  ])("finds %s", (_what, text, clean) => {
    const environment = {
      DB_PASSWORD: "hunter2hunter2",
      URL_SECRET: "a b&c-secret",
      A_SECRET: "??>>~~ÿÿ-secret",
      B_SECRET: "pässwörter",
      C_SECRET: "correct horse",
    };
    const redactor = createRedactor(['say "it" now', "abcdefgh", "abcdefgh-long"], environment);
    expect(redactor(text)).toBe(clean);
    expect(redactor(clean)).toBe(clean);
  });

  // Cut in two, so that no scanner takes these tests for a leak.
  const jwt = ["eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiIxMjM0In0", "dozjgNryP4J3jVmNHl0w5N"].join(".");
  const pem = ["-----BEGIN RSA PRIVATE", "KEY-----\nMIIEpAIBAAKCAQEA7bq\n-----END RSA PRIVATE", "KEY-----"];
  const procType = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0123456789ABCDEF\n\n";
  const body = `${"MIIEpAIBAAKCAQEA7bq".repeat(3)}\n${"MIIEpAIBAAKCAQEA7bq".repeat(3)}`;
  it.each<[string, string]>([
    [`key ${"sk-"}proj-abcdEFGH1234567890abcdEFGH.`, "key [redacted]."],
    [`key=${"sk-"}abcdEFGH1234567890abcdEFGH12345678`, "key=[redacted]"],
    [`${"ghp"}_abcdefghijklmnopqrstuvwxyz0123456789`, "[redacted]"],
    [`"${"github"}_pat_11ABCDEFG0abcdefghijkl_mnop"`, '"[redacted]"'],
    [`id: ${"AKIA"}IOSFODNN7EXAMPLE, next`, "id: [redacted], next"],
    [`${"xoxb"}-123456789012-abcdefghijkl`, "[redacted]"],
    [`?key=${"AIza"}SyA1234567890abcdefghijklmnopqrstuv&x`, "?key=[redacted]&x"],
    [`a token ${jwt}!`, "a token [redacted]!"],
    [`a\n${pem.join(" ")}\nb`, "a\n[redacted]\nb"],
    [JSON.stringify({ pem: pem.join(" ") }), '{"pem":"[redacted]"}'],
    ["Authorization: Basic dXNlcjpwYXNzd29yZDEyMw==", "Authorization: Basic [redacted]"],
    ["x-api-key: plainheaderkey999\nnext", "x-api-key: [redacted]\nnext"],
    ['{"x-api-key":"plainheaderkey999"}', '{"x-api-key":"[redacted]"}'],
    ["postgres://bob:s3cr3t@db.example/x", "postgres://bob:[redacted]@db.example/x"],
    ["redis://:pw@host:6379", "redis://:[redacted]@host:6379"],
    ["x://u:p@w0rd@h/x and y@z", "x://u:[redacted]@h/x and y@z"],
    [`id: ${"ASIA"}IOSFODNN7EXAMPLE, next`, "id: [redacted], next"],
    [`https://h/${"ghp"}_abcdefghijklmnopqrstuvwxyz0123456789`, "https://h/[redacted]"],
    [`a-${"github"}_pat_11ABCDEFG0abcdefghijkl_mnop`, "a-[redacted]"],
    [`s3://b/${"AKIA"}IOSFODNN7EXAMPLE/x`, "s3://b/[redacted]/x"],
    [`/${"AIza"}SyA1234567890abcdefghijklmnopqrstuv`, "/[redacted]"],
    [`/${"xoxb"}-123456789012-abcdefghijkl`, "/[redacted]"],
    [`${"xapp"}-1-A0123456789-0123456789012-abcdef`, "[redacted]"],
    [`_${jwt} and +${jwt}`, "_[redacted] and +[redacted]"],
    ['Authorization: Bearer "SeCr3tValue99"', 'Authorization: Bearer "[redacted]"'],
    [String.raw`{"a":"Bearer \"SeCr3tValue99\""}`, String.raw`{"a":"Bearer \"[redacted]\""}`],
    ["h=Authorization%3A%20Bearer%20SeCr3tValue99&x=1", "h=Authorization%3A%20Bearer%20[redacted]&x=1"],
    [`Basic ${Buffer.from("jürgen:pässwort9", "latin1").toString("base64")}`, "Basic [redacted]"],
    ["Basic%20dXNlcjpwYXNzd29yZDEyMw==", "Basic%20[redacted]"],
    [`a\n${pem[0]} KEY-----\n${procType}${body}\n-----END RSA PRIVATE ${pem[2]}\nb`, "a\n[redacted]\nb"],
    [`a\n${pem[0]} KEY-----\n${procType}${body}`, "a\n[redacted]"],
    [`a\n${pem[0]} KEY-----\n${body}\nMIIE`, "a\n[redacted]"],
    [JSON.stringify({ pem: `${pem[0]} KEY-----\n${procType}${body}\nMIIE` }), '{"pem":"[redacted]"}'],
    [JSON.stringify(JSON.stringify(`${pem[0]} KEY-----\n${body}\nMI`)), '"\\"[redacted]\\""'],
    ['["x-api-key","plainheaderkey999"]', '["x-api-key","[redacted]"]'],
    ["cf-access-client-secret: plainheaderkey999", "cf-access-client-secret: [redacted]"],
  ])("knows the secret in %j by its form", (text, clean) => {
    const redactor = createRedactor(undefined, {});
    expect(redactor(text)).toBe(clean);
    expect(redactor(clean)).toBe(clean);
  });

  it.each([
    "Basic information, basic authentication and Basic: auth; the x-api-key header, a risk-averse-and-careful-approach1.",
    "http://localhost:3000/a@b and https://example.com:8080, mailto:someone@example.com, 12:30@noon",
    `${"iVBORw0KGgo/".repeat(30)}${"AIza"}SyA1234567890abcdefghijklmnopqrstuv${"iVBORw0KGgo/".repeat(30)}`,
    "Bearer 'certificates', a basic \"concept\" and Basic%20information, Basic understanding of Authentication",
    "The -----BEGIN PUBLIC KEY----- line\nand then words\nnext",
    `${"iVBORw0KGgo".repeat(30)}${"AKIA"}IOSFODNN7EXAMPLE${"iVBORw0KGgo".repeat(30)}`,
  ])("leaves %j as it was", (text) => {
    expect(createRedactor(undefined, {})(text)).toBe(text);
  });

  it.each([
    "API_KEY",
    "API_KEY_PROD",
    "DB_PASS",
    "GH_PAT",
    "PGPASSWORD",
    "MY_TOKEN_2",
    "AWS_SECRET_ACCESS_KEY",
    "SENTRY_DSN",
    "DATABASE_URL",
    "CREDENTIALS_JSON",
    "apiKeyProd",
    "SIGNING_SECRETS",
  ])("takes the value of the variable %s for a secret", (name) => {
    expect(createRedactor(undefined, { [name]: "value-4711" })("a value-4711 b")).toBe("a [redacted] b");
  });

  it.each([
    "PATH",
    "PWD",
    "KEYBOARD_LAYOUT",
    "PATTERN",
    "COMPASS_X",
    "SSH_ASKPASS",
    "HOME_URL",
    "TOKENIZERS",
  ])("takes the value of the variable %s for none", (name) => {
    expect(createRedactor(undefined, { [name]: "value-4711" })("a value-4711 b")).toBe("a value-4711 b");
  });

  it("knows the password of a URL in the environment where it stands alone", () => {
    const redactor = createRedactor(undefined, { CACHE: "redis://u:pg%23secret77@h/db" });
    expect(redactor("pg%23secret77, pg#secret77")).toBe("[redacted], [redacted]");
  });

  it("knows a value of the environment that has a line break behind it where it stands without", () => {
    const redactor = createRedactor(undefined, {
      MY_SECRET: "Zq8-secret-Value\n",
      DB: " redis://u:pg%23secret77@h\n",
    });
    expect(redactor("Zq8-secret-Value, Zq8-secret-Value\n, pg#secret77")).toBe(
      "[redacted], [redacted]\n, [redacted]".replace("]\n", "]"),
    );
  });

  it("stops behind the lines of a key that broke off", () => {
    const text = `${pem[0]} KEY-----\n${body}\nand then words\nnext`;
    expect(createRedactor(undefined, {})(text)).toBe("[redacted]and then words\nnext");
  });

  it("takes no plain word of the environment for a secret, nor a short value", () => {
    const environment = { MY_TOKEN: "assistant", DB_PASS: "postgres", A_KEY: "abc1234" };
    expect(createRedactor(undefined, environment)("the assistant, postgres, abc1234")).toBe(
      "the assistant, postgres, abc1234",
    );
  });
});
