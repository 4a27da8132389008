import { type DocumentBlock, type ImageBlock, type Input, run } from "@lockstitch/core";
import { document, image, tool } from "@lockstitch/tools";
import { expectTypeOf, test } from "vitest";

test("an image or a document is the promise of a block, which an input takes once it is awaited", async () => {
  expectTypeOf(image).returns.toEqualTypeOf<Promise<ImageBlock>>();
  expectTypeOf(document).returns.toEqualTypeOf<Promise<DocumentBlock>>();
  expectTypeOf(await Promise.all([image("a.png"), document("a.pdf")])).toExtend<Input>();
  // @ts-expect-error not awaited, it is no block
  void run({}, [image("a.png")]).catch(() => undefined);
  tool({ name: "show", description: "Shows a chart.", run: () => image("a.png") });
  // @ts-expect-error an option that there is not
  void document("a.pdf", { cited: true });
});
