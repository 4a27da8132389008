// A process with a store, told what to do by its parent. It runs what was built, as a user would.
import { fileStore } from "@lockstitch/store";

const [directory, options] = process.argv.slice(2);
const store = fileStore(directory, {
  ...JSON.parse(options),
  onRepair: (repair) => process.send({ type: "repair", repair }),
});
const logs = new Map();
const input = (content) => ({ type: "input", messages: [{ role: "user", content }] });
const textOf = (event) => (event.type === "input" ? event.messages[0].content : event.type);

const commands = {
  async open({ session }) {
    const log = await store.open(session, `process ${process.pid}`);
    logs.set(session, log);
    log.lost.addEventListener("abort", () => process.send({ type: "lost", session }));
    return log.fence;
  },
  async append({ session, texts, barrier }) {
    return (await logs.get(session).append(texts.map(input), { barrier })).map(textOf);
  },
  /** Appends one after the other until that fails, and tells of each that was acknowledged. */
  async flood({ session, barrier, size = 10 }) {
    const acked = [];
    try {
      for (let count = 0; ; count++) {
        const text = `${process.pid}-${count}-${"x".repeat(size)}`;
        await logs.get(session).append([input(text)], { barrier });
        acked.push(text);
        process.send({ type: "acked", text });
      }
    } catch (error) {
      return { acked, error: error.name };
    }
  },
  async post({ session, text, key }) {
    await store.post(session, [input(text)], key === undefined ? {} : { key });
  },
  async postAll({ session, texts }) {
    await Promise.all(texts.map((text) => store.post(session, [input(text)])));
  },
  async read({ session }) {
    const texts = [];
    for await (const event of store.read(session)) texts.push(textOf(event));
    return texts;
  },
  async list() {
    const list = [];
    for await (const summary of store.list()) list.push(summary.session);
    return list;
  },
  async watch({ session }) {
    void (async () => {
      for await (const event of store.watch(session)) process.send({ type: "watched", text: textOf(event) });
    })();
  },
  /** In one go: while the directory is being let go of, an exit would leave its lock held. */
  async closeAndExit({ session }) {
    await logs.get(session).close();
    process.exit();
  },
};

process.on("message", async ({ id, command, ...words }) => {
  try {
    process.send({ type: "answer", id, value: await commands[command](words) });
  } catch (error) {
    const { name, reason, message, owner } = error;
    process.send({ type: "answer", id, error: { name, reason, message, owner } });
  }
});
process.send({ type: "ready" });
