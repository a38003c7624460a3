/** What each SDK has to hear to go on: the sink plays Langfuse, LangSmith, Braintrust, Opik and any OTLP receiver. */

const json = (content) => ({
  status: 200,
  headers: { "content-type": "application/json" },
  content: JSON.stringify(content),
});

export function answerFor({ method, url, headers }, body, origin) {
  if (url === "/info") return json(langSmithInfo);
  if (url.endsWith("/api/apikey/login")) {
    return json({ org_info: [{ id: "org", name: "org", api_url: origin, proxy_url: origin, git_metadata: null }] });
  }
  if (url.endsWith("/api/project/register")) return json({ project: { id: "project", name: "bench" } });
  if (url === "/api/public/media" && method === "POST") {
    // Langfuse names content by its hash, and its SDK checks that.
    const { sha256Hash } = JSON.parse(body);
    const mediaId = sha256Hash.replaceAll("+", "-").replaceAll("/", "_").slice(0, 22);
    return json({ mediaId, uploadUrl: `${origin}/upload` });
  }
  // An empty message is a full success in protobuf.
  if (String(headers["content-type"]).includes("protobuf")) {
    return { status: 200, headers: { "content-type": "application/x-protobuf" }, content: "" };
  }
  return json({});
}

const langSmithInfo = {
  version: "0.12.0",
  instance_flags: { gzip_body_enabled: true },
  batch_ingest_config: {
    use_multipart_endpoint: true,
    scale_up_qsize_trigger: 1000,
    scale_up_nthreads_limit: 16,
    scale_down_nempty_trigger: 4,
    size_limit: 100,
    size_limit_bytes: 20_971_520,
  },
};
