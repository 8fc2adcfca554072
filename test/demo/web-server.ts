// The web server of the demonstration: answers every request with the name of the router it runs
// on. Run as `web-server.js NAME`.

import { createServer } from "node:http";

const PORT = 80;
const name = process.argv[2] ?? "nobody";
const server = createServer((_request, response) => response.end(name));
server.listen(PORT, "0.0.0.0", () => process.stdout.write("listening\n"));
