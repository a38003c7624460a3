import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig(({ command }) => {
  // Vite goes by an inherited NODE_ENV (a test runner's, say) and would bundle React's development build, which is several times slower.
  if (command === "build") process.env["NODE_ENV"] = "production";
  return {
    // The server writes its base path before what index.html names; everything else is relative to the script that asks for it.
    base: "./",
    plugins: [react()],
    build: {
      outDir: "dist",
      // The first versions with `light-dark()`, on which both themes are built.
      target: ["chrome123", "firefox120", "safari17.5"],
      // Nothing as data: URI, so that the server's CSP can stay at 'self'.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: true,
    },
    server: {
      proxy: { "/api": process.env["SPANWISE_BASE_URL"] ?? "http://localhost:4777" },
    },
  };
});
