// Finds the end of a chunked body (RFC 9112 section 7.1) without taking it apart: sizes are read,
// extensions, data and trailers are passed over. Holds a few numbers, whatever comes.

const lineFeed = 10;
const carriageReturn = 13;

/** A size line or a trailer section of more bytes is no honest one. */
const lineBytesMax = 16 * 1024;
/** 12 hex digits: a number that JavaScript still counts exactly. */
const sizeDigitsMax = 12;

type Place = "size" | "extension" | "data" | "dataEnd" | "trailer";

export class ChunkedEnd {
  #place: Place = "size";
  #size = 0;
  #digits = 0;
  #left = 0;
  /** Bytes since the start of the size line, or of the trailers. */
  #lineBytes = 0;
  #isLineEmpty = true;

  /** The place after the last byte of the body, if it is in `bytes`. */
  find(bytes: Uint8Array): number | undefined | "broken" {
    for (let at = 0; at < bytes.length; at++) {
      if (this.#place === "data") {
        const taken = Math.min(this.#left, bytes.length - at);
        this.#left -= taken;
        at += taken - 1;
        if (this.#left === 0) this.#begin("dataEnd");
        continue;
      }
      if (++this.#lineBytes > lineBytesMax) return "broken";
      const byte = bytes[at] ?? 0;
      const step = this.#place === "trailer" ? this.#inTrailer(byte) : this.#inLine(byte);
      if (step === "broken") return "broken";
      if (step === "end") return at + 1;
    }
    return undefined;
  }

  #begin(place: Place): void {
    this.#place = place;
    this.#lineBytes = 0;
    this.#digits = 0;
    this.#size = 0;
    this.#isLineEmpty = true;
  }

  #inLine(byte: number): "broken" | undefined {
    if (this.#place === "dataEnd") {
      if (byte === lineFeed) this.#begin("size");
      else if (byte !== carriageReturn) return "broken";
      return undefined;
    }
    if (byte === lineFeed) return this.#endSize();
    if (this.#place === "extension") return undefined;
    const digit = Number.parseInt(String.fromCharCode(byte), 16);
    if (Number.isNaN(digit)) this.#place = "extension";
    else {
      this.#size = this.#size * 16 + digit;
      if (++this.#digits > sizeDigitsMax) return "broken";
    }
    return undefined;
  }

  #endSize(): "broken" | undefined {
    if (this.#digits === 0) return "broken";
    const size = this.#size;
    this.#begin(size === 0 ? "trailer" : "data");
    this.#left = size;
    return undefined;
  }

  #inTrailer(byte: number): "end" | undefined {
    if (byte === lineFeed) {
      if (this.#isLineEmpty) return "end";
      this.#isLineEmpty = true;
    } else if (byte !== carriageReturn) this.#isLineEmpty = false;
    return undefined;
  }
}
