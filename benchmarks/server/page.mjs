const ms = (value) => (value < 10 ? value.toFixed(1) : value.toFixed(0));
const mib = (bytes) => `${(bytes / 1024 / 1024).toFixed(0)} MiB`;
const count = (value) => Math.round(value).toLocaleString("en-US").replaceAll(",", " ");

/** The thread that takes most is the one that bounds the whole. */
function threadsOf({ threads, observations }) {
  const { http, ...others } = threads;
  const [writer = 0, ...rest] = Object.values(others).sort((a, b) => b - a);
  const each = (value) => ((value * 1000) / observations).toFixed(0);
  return `${each(http)} HTTP thread, ${each(writer)} writer, ${each(rest.reduce((sum, value) => sum + value, 0))} garbage collection and the rest`;
}

function liveRow(name, { p50, p95, p99 }) {
  return `| ${name} | 300 | ${ms(p50)} | ${ms(p95)} | ${ms(p99)} |`;
}

/** docs/benchmarks-server.md from what was measured. */
export function renderPage({
  machine,
  observations,
  clients,
  ingest,
  fileBytes,
  start,
  idle,
  idleLive,
  busy,
  busyLive,
  loadBefore,
  loadAfter,
}) {
  const lines = [
    "# The server under load",
    "",
    "Written by `npm run bench:server`. Generated runs of agents, five observations each, inputs of a kilobyte of prose; every fourth run is",
    "a turn of a conversation that carries all of its history. Clients in processes of their own send OTLP/protobuf over HTTP in batches of",
    "500, and share the machine with the server. Full-text index and compression are on, as always.",
    "",
    `${machine.machine}, Node ${machine.node}, commit ${machine.commit}; load average ${loadBefore.toFixed(1)} before and ${loadAfter.toFixed(1)} after the run (other work on the same`,
    "machine counts in it; with a load above the clients' and the server's own, times are longer than on a machine of one's own).",
    "",
  ];
  if (ingest !== undefined) {
    const perObservation = (value) => `${((value * 1000) / ingest.observations).toFixed(0)} µs`;
    lines.push(
      "## Taking in",
      "",
      "| | |",
      "| --- | --- |",
      `| observations | ${count(ingest.observations)}, ${clients} clients |`,
      `| sustained | **${count(ingest.perSecond)} observations/s** (aimed at: 6 000) |`,
      `| CPU of the server | ${perObservation(ingest.serverCpuMs)} an observation: ${threadsOf(ingest)} |`,
      `| CPU of the clients | ${perObservation(ingest.clientCpuMs)} an observation |`,
      `| on the wire | ${count(ingest.wireBytes / ingest.observations)} bytes an observation |`,
      `| in the file | ${count(fileBytes / ingest.observations)} bytes an observation, index included |`,
      `| memory, largest of each third | ${mib(ingest.rss.first)}, ${mib(ingest.rss.middle)}, ${mib(ingest.rss.last)} |`,
      `| turned away for a while (429) / failed | ${ingest.busy} / ${ingest.failed} |`,
      "",
    );
  }
  lines.push(
    "## Answering",
    "",
    `A file of ${count(observations)} observations (${mib(fileBytes)}). Milliseconds until the last byte over HTTP; "busy" while ${count(busy.rate)} observations/s come in.`,
    "",
    "| | aimed at | median | p95 | busy, median | busy, p95 |",
    "| --- | --- | --- | --- | --- | --- |",
    `| start to listening, ${start.rounds} times | 500 | ${ms(start.p50)} | ${ms(start.p95)} | | |`,
  );
  for (const [index, row] of idle.entries()) {
    const other = busy.answers[index];
    const limit = row.limitMs === null ? "" : `${row.limitMs}`;
    lines.push(
      `| ${row.name} | ${limit} | ${ms(row.medianMs)} | ${ms(row.p95Ms)} | ${ms(other.medianMs)} | ${ms(other.p95Ms)} |`,
    );
  }
  lines.push(
    "",
    "## Live",
    "",
    "From the end of an observation in an application that uses `@spanwise/core` to the event on `/api/events`: the SDK's flush (every 200 ms on this",
    "machine), HTTP, the commit and the stream's pauses (one event in 50 ms) are in it. One observation at a time.",
    "",
    "| milliseconds | aimed at | median | p95 | p99 |",
    "| --- | --- | --- | --- | --- |",
    liveRow(`idle, ${idleLive.rounds} observations`, idleLive),
    liveRow(`while ${count(busyLive.rate)} observations/s come in`, busyLive.answers),
    "",
  );
  return lines.join("\n");
}
