// Builds the widget and the demo shop into dist/, and reports their sizes.
import { build } from "esbuild";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

rmSync("dist", { recursive: true, force: true });
mkdirSync("dist", { recursive: true });
const common = { bundle: true, minify: true, target: "es2020", format: "iife", loader: { ".css": "text" }, charset: "utf8" };
await build({ ...common, entryPoints: ["widget/main.ts"], outfile: "dist/widget.js" });
await build({ ...common, entryPoints: ["demo/shop.ts"], outfile: "dist/static/shop.js" });
const own = await build({ ...common, entryPoints: ["widget/main.ts"], external: ["socket.io-client"], format: "esm", write: false });
cpSync("static", "dist/static", { recursive: true });
cpSync("demo/index.html", "dist/index.html");
cpSync("demo/shop.css", "dist/static/shop.css");
const sizes = {
  widget_without_client: gzipSync(own.outputFiles[0].contents, { level: 9 }).length,
  widget_with_client: gzipSync(readFileSync("dist/widget.js"), { level: 9 }).length,
};
writeFileSync("dist/sizes.json", JSON.stringify(sizes));
console.log(`gzipped bytes: ${JSON.stringify(sizes)}`);
