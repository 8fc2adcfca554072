// The last things that happened, numbered, for whoever asks or follows. Bounded; holds no clock.

export interface StateEvent {
  /** From 1, without gaps. */
  readonly id: number;
  /** Microseconds since 1970. */
  readonly atUs: number;
  readonly kind: "instance" | "group" | "tracker" | "child" | "config" | "server";
  readonly name: string;
  readonly text: string;
}

const eventsMax = 1_000;

export class EventLog {
  #events: StateEvent[] = [];
  #lastId = 0;
  readonly #followers: Set<(event: StateEvent) => void> = new Set();

  add(event: Omit<StateEvent, "id">): void {
    this.#lastId += 1;
    const numbered: StateEvent = { id: this.#lastId, ...event };
    this.#events.push(numbered);
    if (this.#events.length > eventsMax) this.#events = this.#events.slice(-eventsMax / 2);
    for (const follower of this.#followers) follower(numbered);
  }

  /** Those after `id` that are still known. */
  since(id: number): readonly StateEvent[] {
    return this.#events.filter((event) => event.id > id);
  }

  /** Tells of every new one, until the returned function is called. */
  follow(follower: (event: StateEvent) => void): () => void {
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }
}
