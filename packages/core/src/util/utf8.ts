let made: InstanceType<typeof TextEncoder> | undefined;

/** Made at the first use: jsdom under Jest has none, and an import must not throw there. */
export function encoder(): InstanceType<typeof TextEncoder> {
  return (made ??= new TextEncoder());
}

export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder().encode(text);
}
