// The chat's real server as a process of its own (`server.rs`).
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

export async function startChatServer(program) {
  const child = spawn(program, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${program} ended`);
    return JSON.parse(value);
  };
  return {
    ...(await answer()),
    /** Puts 10,000 messages into the conversation of the visitor with this session. */
    async fill(session) {
      child.stdin.write(`fill ${session}\n`);
      return (await answer()).filled;
    },
    close: () => child.stdin.end(),
  };
}
