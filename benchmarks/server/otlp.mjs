// A small writer of OTLP/protobuf, so that the clients take little of the machine that they share with the server.
// Field numbers: https://github.com/open-telemetry/opentelemetry-proto, trace/v1/trace.proto.

class Writer {
  #buffer = Buffer.allocUnsafe(1 << 20);
  #at = 0;

  #room(bytes) {
    if (this.#at + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#at + bytes));
    this.#buffer.copy(larger, 0, 0, this.#at);
    this.#buffer = larger;
  }

  varint(value) {
    this.#room(10);
    while (value > 127) {
      this.#buffer[this.#at++] = (value & 127) | 128;
      value = Math.floor(value / 128);
    }
    this.#buffer[this.#at++] = value;
  }

  string(field, text) {
    this.varint((field << 3) | 2);
    const length = Buffer.byteLength(text);
    this.varint(length);
    this.#room(length);
    this.#at += this.#buffer.write(text, this.#at);
  }

  hex(field, text) {
    this.varint((field << 3) | 2);
    this.varint(text.length / 2);
    this.#room(text.length);
    this.#at += this.#buffer.write(text, this.#at, "hex");
  }

  /** Milliseconds as fixed64 nanoseconds. */
  time(field, ms) {
    this.varint((field << 3) | 1);
    this.#room(8);
    this.#buffer.writeBigUInt64LE(BigInt(Math.round(ms * 1000)) * 1000n, this.#at);
    this.#at += 8;
  }

  /** A nested message: its length is written as four bytes, once it is known. */
  message(field, write) {
    this.varint((field << 3) | 2);
    this.#room(4);
    const lengthAt = this.#at;
    this.#at += 4;
    write();
    let length = this.#at - lengthAt - 4;
    for (let index = 0; index < 4; index++) {
      this.#buffer[lengthAt + index] = (length & 127) | (index < 3 ? 128 : 0);
      length >>>= 7;
    }
  }

  attribute(field, key, value) {
    this.message(field, () => {
      this.string(1, key);
      this.message(2, () => {
        if (typeof value === "string") this.string(1, value);
        else {
          this.varint((3 << 3) | 0);
          this.varint(value);
        }
      });
    });
  }

  finish() {
    const bytes = Buffer.from(this.#buffer.subarray(0, this.#at));
    this.#at = 0;
    return bytes;
  }
}

const writer = new Writer();

/** @param spans objects of `generate.mjs`. */
export function encodeExport(spans) {
  writer.message(1, () => {
    writer.message(1, () => {
      writer.attribute(1, "service.name", "bench");
      writer.attribute(1, "deployment.environment.name", "production");
      writer.attribute(1, "telemetry.sdk.language", "nodejs");
    });
    writer.message(2, () => {
      writer.message(1, () => writer.string(1, "spanwise-bench"));
      for (const span of spans) writeSpan(span);
    });
  });
  return writer.finish();
}

function writeSpan(span) {
  writer.message(2, () => {
    writer.hex(1, span.traceId);
    writer.hex(2, span.id);
    if (span.parentId !== null) writer.hex(4, span.parentId);
    writer.string(5, span.name);
    writer.time(7, span.start);
    writer.time(8, span.end);
    for (const [key, value] of span.attributes) writer.attribute(9, key, value);
    if (span.error !== null) {
      writer.message(15, () => {
        writer.string(2, span.error);
        writer.varint((3 << 3) | 0);
        writer.varint(2);
      });
    }
  });
}
