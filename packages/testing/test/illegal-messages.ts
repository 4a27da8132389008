import { adding, answer, call, directive, first, type Row, times, unknownTag } from "./changed-requests.js";
import { picture, serverUse } from "./legal-requests.js";

export const illegalMessages: readonly Row[] = [
  // Messages and their order
  ["plain", "messages.5.role", "human", "messages.5.role: Input should be 'user', 'assistant' or 'system'"],
  [
    "plain",
    "messages",
    (messages: unknown[]) => times(100_001, () => messages[0]),
    "messages: List should have at most 100000 items after validation, not 100001",
  ],
  [
    "plain",
    "messages",
    (messages: unknown[]) => [{ role: "system", content: "Be kind." }, ...messages],
    `messages.0: use the top-level 'system' parameter for the initial system prompt; ${directive}`,
  ],
  [
    "plain",
    "messages.4.role",
    "user",
    `messages.3: role 'system' must precede an 'assistant' message or end the array; ${directive}`,
  ],
  [
    "plain",
    "messages",
    (messages: unknown[]) => messages.toSpliced(5, 0, { role: "system", content: "Be kind." }),
    `messages.5: role 'system' must follow a 'user' message or an 'assistant' message ending in a server tool result; ${directive}`,
  ],
  ["plain", "messages.3.content", [], "messages.3: system content must contain at least one block"],
  ["plain", "messages.3.content.0.text", "", "messages: text content blocks must be non-empty"],
  [
    "plain",
    "messages.3.content.0",
    picture("image/png", 1, 1),
    "messages.3: role 'system' supports text, tool_addition, and tool_removal blocks only",
  ],

  // Calls and results
  [
    "plain",
    `${answer}.tool_use_id`,
    "toolu_2",
    /^messages\.1: `tool_use` ids were found without `tool_result` blocks/,
  ],
  [
    "plain",
    "messages.2.content",
    (blocks: unknown[]) => blocks.toReversed(),
    /^messages\.1: `tool_use` ids were found/,
  ],
  ["plain", `${answer}.is_error`, "no", `${answer}.tool_result.is_error: Input should be a valid boolean`],
  [
    "plain",
    `${answer}.content.0`,
    serverUse("a", "b"),
    unknownTag(`${answer}.tool_result.content.0`, "server_tool_use"),
  ],
  [
    "plain",
    `${answer}.toolset_name`,
    "browser",
    `${answer}.tool_result.toolset_name: must be that of its \`tool_use\` block, null`,
  ],
  [
    "plain",
    `${call}.3.name`,
    "the weather",
    /^messages\.1\.content\.3\.tool_use\.name: String should match pattern/,
  ],
  ["plain", `${call}.3.caller`, { type: "someone" }, unknownTag(`${call}.3.tool_use.caller`, "someone")],
  [
    "plain",
    call,
    (blocks: unknown[]) => blocks.toSpliced(2, 1),
    "messages.1: `web_search` tool use with id `srvtoolu_1` was found without a corresponding `web_search_tool_result` block",
  ],
  [
    "plain",
    `${call}.2.tool_use_id`,
    "srvtoolu_2",
    /^messages\.1\.content\.2: unexpected `tool_use_id` found in `web_search_tool_result` blocks: srvtoolu_2\./,
  ],
  ["plain", `${call}.2.found`, 3, `${call}.2.web_search_tool_result.found: Extra inputs are not permitted`],
  [
    "plain",
    "messages.5.content.0",
    serverUse("a", "web_search"),
    unknownTag("messages.5.content.0", "server_tool_use"),
  ],
  [
    "plain",
    "messages.5.content.0.content.0",
    "c",
    "messages.5.content.0.search_result.content.0: Input should be a valid dictionary",
  ],
  [
    "plain",
    "messages.5.content.2.citations",
    [{ type: "char_location" }],
    /citations: Extra inputs are not permitted$/,
  ],
  [
    "plain",
    "messages.4.content",
    adding({ type: "document", source: { type: "url", url: "https://example.com/a.pdf" } }),
    "messages.4.content.1: `document` blocks are not permitted within assistant turns.",
  ],

  // Pictures and documents
  [
    "plain",
    `${first}.0.source.media_type`,
    "image/jpeg",
    `${first}.0.image.source.base64: The image was specified using the image/jpeg media type, but the image appears to be a image/png image`,
  ],
  [
    "plain",
    `${first}.0.source.media_type`,
    "image/tiff",
    `${first}.0.image.source.base64.media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'`,
  ],
  ["plain", `${first}.0.source.data`, "abc", `${first}.0.image.source.base64.data: Invalid base64 data`],
  [
    "plain",
    `${first}.0.source.data`,
    "aGVsbG8=",
    `${first}.0.image.source.base64.data: Could not process image`,
  ],
  [
    "plain",
    `${first}.0.source.name`,
    "a.png",
    `${first}.0.image.source.base64.name: Extra inputs are not permitted`,
  ],
  [
    "plain",
    `${first}.0.source.data`,
    "A".repeat(10_485_764),
    `${first}.0.image.source.base64: image exceeds 10 MB maximum: 10485764 bytes > 10485760 bytes`,
  ],
  [
    "plain",
    `${first}.0`,
    picture("image/png", 8_001, 10),
    `${first}.0.image.source.base64.data: At least one of the image dimensions exceed max allowed size: 8000 pixels`,
  ],
  [
    "plain",
    `${answer}.content.1`,
    picture("image/webp", 10, 8_001),
    `${answer}.tool_result.content.1.image.source.base64.data: At least one of the image dimensions exceed max allowed size: 8000 pixels`,
  ],
  [
    "plain",
    first,
    adding(...times(20, () => picture("image/gif", 2_001, 1))),
    `${first}.4.image.source.base64.data: At least one of the image dimensions exceed max allowed size for many-image requests: 2000 pixels`,
  ],
  [
    "plain",
    first,
    adding(...times(600, () => picture("image/png", 1, 1))),
    "too many images and documents: 603 + 1 > 600",
  ],
  [
    "manual",
    "messages.0.content",
    times(101, () => picture("image/png", 1, 1)),
    "too many images and documents: 101 + 0 > 100",
  ],
  [
    "plain",
    `${first}.0.transformations`,
    { oversized_image: "crop" },
    /oversized_image: Input should be 'downsize' or 'error'$/,
  ],
  [
    "plain",
    "messages.5.content.1.source.url",
    "a.png",
    "messages.5.content.1.image.source.url.url: Only HTTPS URLs are supported.",
  ],
  [
    "plain",
    "messages.5.content.1.source",
    { type: "file" },
    "messages.5.content.1.image.source.file.file_id: Field required",
  ],
  [
    "plain",
    `${first}.1.source.data`,
    "aGVsbG8=",
    `${first}.1.pdf.source.base64.data: The PDF specified was not valid.`,
  ],
  ["plain", `${first}.1.source.data`, "", `${first}.1.pdf.source.base64: PDF cannot be empty`],
  [
    "plain",
    `${first}.1.source.type`,
    "text",
    `${first}.1.document.source.text.media_type: Input should be 'text/plain'`,
  ],
  ["plain", `${first}.1.title`, 5, `${first}.1.document.title: Input should be a valid string`],
  [
    "plain",
    `${first}.2.source.content.0`,
    serverUse("a", "b"),
    unknownTag(`${first}.2.document.source.content.content.0`, "server_tool_use"),
  ],
  [
    "plain",
    `${first}.1.citations`,
    { enabled: true },
    `${first}.2.document.citations: citations must be enabled on all or none of the documents in a request`,
  ],
];
