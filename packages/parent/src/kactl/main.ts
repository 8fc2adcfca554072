// kactl: asks a running daemon over its control socket, and shows the answer to a person. Decides
// nothing about the daemon.

import { type IncomingMessage, request } from "node:http";
import type { InstanceJson, ServerJson, StatusJson } from "../control/status-json.js";
import { plan } from "./plan.js";
import { upgrade } from "./upgrade.js";

const usageText = `kactl [--socket PATH] [--json] COMMAND

  status              instances and virtual servers, with the age of every state
  why INSTANCE        the chain of causes of an instance's state
  events [--follow]   what happened last, and what happens from now on
  reload [--confirm SECONDS]
                      read the configuration again; go back to the former one unless
                      "kactl confirm" comes in time
  confirm             the configuration stays
  plan [-i ID] [FILE] what a reload would do, or one of another file; changes nothing
  upgrade             the daemon becomes the release that is installed now: same process,
                      same addresses, no failover
  failover INSTANCE   another router is to be master, without a moment without one
  drain IP PORT [of VIRTUAL_SERVER]
                      a real server gets no new connections; its checks go on
  undrain IP PORT [of VIRTUAL_SERVER]
  maintenance on|off  give everything up and take no part; outlasts a restart of the daemon
  log-level info|detail|debug
                      how much the log shows, as with -D and -D -D, until a restart
  metrics             Prometheus text

The socket is /run/keepalived.sock, beside the pid file, unless --socket names another.
`;

const defaultSocket = "/run/keepalived.sock";

interface Call {
  socket: string;
  isJson: boolean;
  isFollowing: boolean;
  confirmSeconds?: string;
  configId?: string;
  words: string[];
}

function parse(words: readonly string[]): Call {
  const call: Call = { socket: defaultSocket, isJson: false, isFollowing: false, words: [] };
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? "";
    if (word === "-i") {
      i += 1;
      call.configId = words[i] ?? "";
    } else if (word === "--socket") {
      i += 1;
      call.socket = words[i] ?? "";
    } else if (word.startsWith("--socket=")) call.socket = word.slice("--socket=".length);
    else if (word === "--json") call.isJson = true;
    else if (word === "--confirm") {
      i += 1;
      call.confirmSeconds = words[i] ?? "";
    } else if (word.startsWith("--confirm=")) call.confirmSeconds = word.slice("--confirm=".length);
    else if (word === "--follow" || word === "-f") call.isFollowing = true;
    else call.words.push(word);
  }
  return call;
}

/** Resolves with the exit status: 0, 1 refused, 2 wrong words, 3 no daemon. */
async function run(words: readonly string[]): Promise<number> {
  const call = parse(words);
  const [command = "", argument] = call.words;
  switch (command) {
    case "status":
      return ask(call, "GET", "/v1/status", (body) => statusText(JSON.parse(body)));
    case "why":
      if (argument === undefined) return wrongWords("why needs the name of an instance");
      return ask(call, "GET", `/v1/why/${encodeURIComponent(argument)}`, whyText);
    case "events":
      return ask(call, "GET", `/v1/events${call.isFollowing ? "?follow" : ""}`, undefined);
    case "reload":
      return reload(call);
    case "plan":
      return plan({ ...call, file: argument });
    case "upgrade":
      return upgrade(call.socket);
    case "confirm":
      return ask(call, "POST", "/v1/confirm", () => "The configuration is confirmed\n");
    case "failover":
      if (argument === undefined) return wrongWords("failover needs the name of an instance");
      return ask(call, "POST", `/v1/failover/${encodeURIComponent(argument)}`, failoverText);
    case "maintenance":
      if (argument !== "on" && argument !== "off") return wrongWords("maintenance wants on or off");
      return ask(call, "POST", `/v1/maintenance/${argument}`, () => `Maintenance ${argument}\n`);
    case "log-level":
      if (argument === undefined) return wrongWords("log-level wants info, detail or debug");
      return ask(call, "POST", `/v1/log-level/${encodeURIComponent(argument)}`, logLevelText);
    case "drain":
    case "undrain":
      return drain(call);
    case "metrics":
      return ask({ ...call, isJson: true }, "GET", "/metrics", undefined);
    case "":
    case "help":
      process.stdout.write(usageText);
      return command === "" ? 2 : 0;
    default:
      return wrongWords(`there is no command "${command}"`);
  }
}

function reload(call: Call): Promise<number> | number {
  const { confirmSeconds } = call;
  if (confirmSeconds === undefined) return ask(call, "POST", "/v1/reload", reloadText);
  if (!/^\d+$/.test(confirmSeconds)) return wrongWords("--confirm wants a number of seconds");
  return ask(call, "POST", `/v1/reload?confirm=${confirmSeconds}`, reloadText);
}

function reloadText(body: string): string {
  const { confirmWithinSeconds: seconds } = JSON.parse(body) as {
    readonly confirmWithinSeconds?: number;
  };
  const back =
    seconds === undefined ? "" : `It goes back in ${seconds} s unless you say: kactl confirm\n`;
  return `Reload accepted, see the log for its end\n${back}`;
}

function logLevelText(body: string): string {
  return `The log shows ${(JSON.parse(body) as { readonly logLevel: string }).logLevel}\n`;
}

function drain(call: Call): Promise<number> | number {
  const [command = "", ...words] = call.words;
  const [address, port, ...rest] = words.filter((word, i) => i !== 2 || word !== "of");
  if (address === undefined || port === undefined || rest.length > 1) {
    return wrongWords(`${command} wants an address and a port, and may have "of VIRTUAL_SERVER"`);
  }
  const path = [command, address, port, ...rest].map(encodeURIComponent).join("/");
  return ask(call, "POST", `/v1/${path}`, drainText);
}

function drainText(body: string): string {
  const { isDrained, servers } = JSON.parse(body) as {
    readonly isDrained: boolean;
    readonly servers: readonly { readonly virtualServer: string; readonly realServer: string }[];
  };
  const what = isDrained ? "gets no new connections" : "gets new connections again";
  return servers
    .map(({ virtualServer, realServer }) => `${realServer} of ${virtualServer} ${what}\n`)
    .join("");
}

function wrongWords(what: string): number {
  process.stderr.write(`kactl: ${what}\n\n${usageText}`);
  return 2;
}

type Show = (body: string) => string;

/** `show` makes text of a whole body; undefined = print the lines as they come. */
function ask(call: Call, method: string, path: string, show: Show | undefined): Promise<number> {
  return new Promise((resolve) => {
    const sent = request({ socketPath: call.socket, method, path }, (response) => {
      receive(response, call, show).then(resolve, () => resolve(3));
    });
    sent.on("error", (error: NodeJS.ErrnoException) => {
      process.stderr.write(`kactl: Cannot ask ${call.socket}: ${socketHint(error)}\n`);
      resolve(3);
    });
    sent.end();
  });
}

function socketHint({ code, message }: NodeJS.ErrnoException): string {
  if (code === "ENOENT" || code === "ECONNREFUSED") return "no daemon is running there";
  return code === "EACCES" ? "only root may" : message;
}

async function receive(
  response: IncomingMessage,
  { isJson }: Call,
  show: Show | undefined,
): Promise<number> {
  const isGood = (response.statusCode ?? 500) < 300;
  response.setEncoding("utf8");
  let body = "";
  for await (const chunk of response) {
    body += chunk;
    if (!isGood || show !== undefined) continue;
    // A chunk may end in the middle of a line.
    const end = body.lastIndexOf("\n") + 1;
    const lines = body.slice(0, end);
    process.stdout.write(isJson ? lines : eventsText(lines));
    body = body.slice(end);
  }
  if (!isGood) process.stderr.write(`kactl: ${errorMessage(body)}\n`);
  else if (show !== undefined) process.stdout.write(isJson ? body : show(body));
  return isGood ? 0 : 1;
}

function errorMessage(body: string): string {
  try {
    const { error } = JSON.parse(body);
    const known = error.known?.length > 0 ? `; there are: ${error.known.join(", ")}` : "";
    return `${error.message}${known}`;
  } catch {
    return body.trim();
  }
}

function eventsText(lines: string): string {
  return lines
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      try {
        const { atUs, kind, name, text } = JSON.parse(line);
        return `${new Date(atUs / 1000).toISOString()} ${kind} ${name}: ${text}\n`;
      } catch {
        return `${line}\n`;
      }
    })
    .join("");
}

function failoverText(body: string): string {
  const { instance, successor } = JSON.parse(body) as Readonly<Record<string, string>>;
  return `${instance}: ${successor} has taken over\n`;
}

function whyText(body: string): string {
  const { instance, reasons } = JSON.parse(body) as {
    readonly instance: string;
    readonly reasons: readonly string[];
  };
  return `${instance}\n${reasons.map((reason) => `  ${reason}\n`).join("")}`;
}

function statusText(status: StatusJson): string {
  const { version, routerId, configGeneration } = status;
  const maintenance = status.isInMaintenance ? ", in MAINTENANCE" : "";
  const { goesBackWithinSeconds: back } = status;
  const waiting = back === null ? "" : ` (goes back in ${ageText(back)} unless confirmed)`;
  const number = `configuration ${configGeneration}${waiting}`;
  const head = `${version}, router ${routerId}, ${number}${maintenance}\n`;
  return [
    head,
    table(
      ["INSTANCE", "STATE", "SINCE", "PRIORITY", "MASTER", "ADDRESSES"],
      [...status.instances.map(instanceRow)],
    ),
    ...status.virtualServers.map(serverText),
  ].join("");
}

function instanceRow(instance: InstanceJson): string[] {
  const { name, state, sinceSeconds, effectivePriority, master, virtualAddresses, fault } =
    instance;
  const [first = "", ...others] = virtualAddresses;
  const priority = `${effectivePriority ?? "?"} of ${instance.basePriority}`;
  const holder = master === null ? "-" : `${master.address} (${master.priority})`;
  const more = others.length > 0 ? ` and ${others.length} more` : "";
  const why = fault === null ? "" : `  ${fault}`;
  return [name, state, ageText(sinceSeconds), priority, holder, `${first}${more}${why}`];
}

function ageText(seconds: number | null): string {
  if (seconds === null) return "?";
  if (seconds < 120) return `${seconds.toFixed(0)}s`;
  if (seconds < 7200) return `${(seconds / 60).toFixed(0)}m`;
  return seconds < 172_800
    ? `${(seconds / 3600).toFixed(0)}h`
    : `${(seconds / 86_400).toFixed(0)}d`;
}

function serverText({ name, quorum, realServers }: ServerJson): string {
  const up = realServers.filter(({ isUp }) => isUp).length;
  const state = quorum === null ? "?" : quorum ? "UP" : "DOWN";
  const lines = realServers.map(
    (server) =>
      `  ${server.name}${nameText(server)} ${server.isUp ? "up" : "DOWN"}${drainedText(server)}\n`,
  );
  return `\n${name} ${state}, ${up} of ${realServers.length} real servers\n${lines.join("")}`;
}

function nameText({ dnsName }: ServerJson["realServers"][number]): string {
  return dnsName === null ? "" : ` (${dnsName})`;
}

function drainedText({ isDrained, goesWithinSeconds }: ServerJson["realServers"][number]): string {
  if (goesWithinSeconds !== null) return `, goes within ${ageText(goesWithinSeconds)}`;
  return isDrained ? ", drained" : "";
}

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return "";
  const all = [titles, ...rows];
  const widths = titles.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}

process.exitCode = await run(process.argv.slice(2));
