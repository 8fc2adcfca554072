// The status page: shows what the daemon tells by its event stream. Every text from outside goes
// in as text, never as markup. Asks for nothing but why an instance is as it is.

const eventsMax = 500;
const rowsMax = 200;
/** Beyond this a phone has enough; the rest is counted. */
const cardsMax = 400;
const historyMax = 8;

const elements = Object.fromEntries(
  [
    ...["router", "version", "live", "stale", "instances", "servers", "servers-section"],
    ...["timeline", "filter"],
  ].map((id) => [id, document.getElementById(id)]),
);
/** What was read of instances' reasons, while they are open. */
const reasons = new Map();
const open = new Set();
let events = [];
let status = null;
let receivedAt = 0;

function element(name, className, ...content) {
  const made = document.createElement(name);
  if (className !== "") made.className = className;
  made.append(...content);
  return made;
}

function ageText(seconds) {
  if (seconds === null) return "";
  const units = [
    [86_400, "d"],
    [3_600, "h"],
    [60, "min"],
    [1, "s"],
  ];
  const [size, unit] = units.find(([each]) => seconds >= each) ?? [1, "s"];
  return `${Math.floor(seconds / size)} ${unit}`;
}

const marks = { MASTER: "good", BACKUP: "idle", FAULT: "bad", UNKNOWN: "bad", INIT: "idle" };

function instanceCard(instance, isCurrent) {
  const { name, state, sinceSeconds, master, fault } = instance;
  const age = sinceSeconds === null ? null : sinceSeconds + (Date.now() - receivedAt) / 1000;
  const since = age === null ? "" : ` for ${ageText(age)}`;
  const heading = element("h3", "", name, element("span", "state", state));
  const place = `${instance.interface || "any interface"}, VRID ${instance.virtualRouterId}`;
  const lines = [`${place}, VRRP version ${instance.version}`, whoText(instance, since)];
  if (fault !== null && state !== "MASTER") lines.push(`Fault: ${fault}`);
  lines.push(instance.virtualAddresses.slice(0, 6).join(", ") + moreText(instance));
  const card = element("article", `card ${isCurrent ? (marks[state] ?? "idle") : "bad"}`, heading);
  for (const line of lines) if (line !== "") card.append(element("p", "", line));
  card.append(whyPart(name), historyPart("instance", name, "Transitions"));
  card.dataset.name = name;
  card.dataset.master = master === null ? "" : master.address;
  return card;
}

function moreText({ virtualAddresses }) {
  const more = virtualAddresses.length - 6;
  return more > 0 ? ` and ${more} more` : "";
}

function whoText({ state, master, effectivePriority, basePriority }, since) {
  const base = effectivePriority === basePriority ? "" : ` (configured ${basePriority})`;
  const own = effectivePriority === null ? "" : `priority ${effectivePriority}${base}`;
  if (state === "MASTER") return `This router is master${since}, ${own}`;
  if (state === "FAULT") return `Takes no part${since}, ${own}`;
  if (master !== null)
    return `Master is ${master.address}, priority ${master.priority}; ours ${own}`;
  return own === "" ? "" : `No master heard${since}, ${own}`;
}

/** Details that stay open over redraws. */
function details(key, title, fill) {
  const part = element("details", "", element("summary", "", title));
  const inner = element("div", "");
  part.append(inner);
  part.open = open.has(key);
  if (part.open) fill(inner);
  part.addEventListener("toggle", () => {
    if (part.open) open.add(key);
    else open.delete(key);
    if (part.open) fill(inner);
  });
  return part;
}

function whyPart(name) {
  return details(`why ${name}`, "Why?", (inner) => {
    show(inner, reasons.get(name) ?? ["…"]);
    void askWhy(name).then((lines) => {
      reasons.set(name, lines);
      show(inner, lines);
    });
  });
}

async function askWhy(name) {
  try {
    const response = await fetch(`v1/why/${encodeURIComponent(name)}`);
    const told = await response.json();
    return told.reasons ?? [told.error?.message ?? "no answer"];
  } catch {
    return ["no answer"];
  }
}

function show(inner, lines) {
  inner.replaceChildren(...lines.map((line) => element("p", "", line)));
}

function historyPart(kind, name, title, among = () => true) {
  const past = events.filter((each) => each.kind === kind && each.name === name && among(each));
  if (past.length === 0) return "";
  return details(`${kind} ${title} ${name}`, `${title} (${past.length})`, (inner) => {
    show(
      inner,
      past
        .slice(-historyMax)
        .reverse()
        .map((each) => `${timeText(each.atUs)} ${each.text}`),
    );
  });
}

function serverCard({ name, quorum, realServers }) {
  const up = realServers.filter(({ isUp }) => isUp).length;
  const word = quorum === null ? "UNKNOWN" : quorum ? "QUORUM" : "NO QUORUM";
  const mark = quorum === null ? "idle" : quorum ? "good" : "bad";
  const heading = element("h3", "", name, element("span", "state", word));
  const list = element("ul", "");
  for (const server of realServers.slice(0, cardsMax)) list.append(serverRow(name, server));
  const count = element("p", "", `${up} of ${realServers.length} servers up`);
  const card = element("article", `card ${mark}`, heading, count, list);
  card.append(historyPart("server", name, "Quorum history"));
  card.dataset.name = name;
  return card;
}

function serverRow(virtualServer, { name, isUp, weight, checks }) {
  const results = (checks ?? []).map((each) => (each === null ? "–" : each ? "✓" : "✗")).join(" ");
  const state = element("span", "state", `${isUp ? "UP" : "DOWN"}${results ? ` ${results}` : ""}`);
  const row = element("li", isUp ? "good" : "bad", element("span", "", name), state);
  row.append(element("span", "faint", `weight ${weight ?? "?"}`));
  const isOurs = ({ text }) => text.endsWith(` of ${virtualServer}`);
  row.append(historyPart("server", name, "Check history", isOurs));
  return row;
}

/** The day too, when it is another. */
function timeText(atUs) {
  const at = new Date(atUs / 1000);
  const time = at.toLocaleTimeString([], { hourCycle: "h23" });
  return at.toDateString() === new Date().toDateString()
    ? time
    : `${at.toLocaleDateString()} ${time}`;
}

function redrawTimeline() {
  const kinds = elements.filter.value === "" ? null : elements.filter.value.split(" ");
  const shown = events.filter(({ kind }) => kinds === null || kinds.includes(kind)).slice(-rowsMax);
  const rows = shown.reverse().map((each) => {
    const time = element("time", "", timeText(each.atUs));
    time.dateTime = new Date(each.atUs / 1000).toISOString();
    return element("li", "", time, element("span", "", `${each.name}: ${each.text}`));
  });
  elements.timeline.replaceChildren(...rows);
}

function cards(list, make) {
  const made = list.slice(0, cardsMax).map(make);
  if (list.length > cardsMax) made.push(element("p", "", `and ${list.length - cardsMax} more`));
  return made;
}

/** What is not known to be so now is not shown as if it were. */
function showStale(text) {
  elements.stale.hidden = text === "";
  elements.stale.textContent = text;
  document.body.classList.toggle("stale", text !== "");
}

function redraw() {
  if (status === null) return;
  const { routerId, version, configGeneration, isCurrent, instances, virtualServers } = status;
  document.title = `${routerId} – keepalived`;
  elements.router.textContent = routerId;
  elements.version.textContent = `${version}, configuration ${configGeneration}`;
  showStale(isCurrent ? "" : "The VRRP process does not answer: its states are unknown.");
  elements.instances.replaceChildren(...cards(instances, (each) => instanceCard(each, isCurrent)));
  elements["servers-section"].hidden = virtualServers.length === 0;
  elements.servers.replaceChildren(...cards(virtualServers, serverCard));
}

function take(more) {
  const last = events.at(-1)?.id ?? 0;
  events = [...events, ...more.filter(({ id }) => id > last)].slice(-eventsMax);
  redrawTimeline();
}

const stream = new EventSource("v1/stream");
stream.addEventListener("open", () => {
  elements.live.textContent = "live";
});
stream.addEventListener("error", () => {
  elements.live.textContent = "connection lost, trying again";
  showStale("The daemon cannot be reached: what stands below was so before.");
});
stream.addEventListener("past", ({ data }) => {
  // After a restart of the daemon its numbers begin anew.
  events = [];
  take(JSON.parse(data));
});
stream.addEventListener("happened", ({ data }) => take([JSON.parse(data)]));
stream.addEventListener("status", ({ data }) => {
  status = JSON.parse(data);
  receivedAt = Date.now();
  elements.live.textContent = "live";
  redraw();
});
elements.filter.addEventListener("change", redrawTimeline);
