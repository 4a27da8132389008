// Opens a session in a process of its own, and says what came of it.
import { fileStore } from "@lockstitch/store";

const said = await fileStore(process.argv[2])
  .open("s", "me")
  .then(
    () => "opened",
    ({ name, message }) => `${name}: ${message}`,
  );
console.log(said);
