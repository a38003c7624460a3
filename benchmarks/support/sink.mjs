/** A backend that takes everything and keeps nothing but counts, in a process of its own: `node sink.mjs`. */
import { createServer } from "node:http";

let bytes = 0;
let requests = 0;

createServer((request, response) => {
  if (request.method === "GET") {
    response.end(JSON.stringify({ bytes, requests }));
    return;
  }
  requests++;
  request.on("data", (chunk) => (bytes += chunk.length));
  request.on("end", () => response.setHeader("content-type", "application/json").end("{}"));
}).listen(0, "127.0.0.1", function () {
  console.log(`http://127.0.0.1:${this.address().port}`);
});
