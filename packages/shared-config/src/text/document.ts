// One file's text as a tree that loses nothing: blank lines, comments, statements with their
// blocks, definitions, sequences and includes, all before expansion. Joining its tokens gives the
// file back byte for byte. Knows no keyword; format.ts and editors build on it, the loader does
// not.

import { DocumentLine } from "./document-line.js";
import { splitLines } from "./lines.js";

export type TokenKind =
  | "blank"
  | "newline"
  | "word"
  | "quoted"
  | "comment"
  | "open"
  | "close"
  /** Text that must stay as it is: a definition, a sequence, a condition with what follows. */
  | "raw";

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

export type NodeKind =
  | "blank"
  | "comment"
  | "statement"
  | "definition"
  | "sequence"
  | "include"
  /** A } that closes nothing. */
  | "close"
  /** A line that the loader refuses: too long, or with a NUL. */
  | "refused";

export interface DocumentNode {
  readonly kind: NodeKind;
  /** Its text, with the { of its block and what stands between; several lines for a definition. */
  readonly tokens: readonly Token[];
  /** What stands in its block. */
  readonly children?: readonly DocumentNode[] | undefined;
  /** From the } on. */
  readonly closing: readonly Token[];
  /** The line has to stay one line as it is written: what it means depends on that. */
  readonly isFixed: boolean;
}

export interface ConfigDocument {
  readonly nodes: readonly DocumentNode[];
}

/** The tree of a file's text. Never throws. */
export function parseDocument(text: string): ConfigDocument {
  const builder = new DocumentBuilder();
  for (const { text: line, ending } of splitLines(text)) {
    builder.addLine(new DocumentLine(line, ending));
  }
  return { nodes: builder.nodes };
}

/** All tokens of `document` in the order of the text. */
export function* documentTokens(document: ConfigDocument): Generator<Token> {
  // Not recursive: the depth of a text is not ours to choose.
  const pending: (DocumentNode | Token)[] = [...document.nodes].reverse();
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (!("tokens" in next)) {
      yield next;
      continue;
    }
    yield* next.tokens;
    pushAll(pending, next.closing);
    pushAll(pending, next.children ?? []);
  }
}

/** The text that `document` was made from. */
export function documentText(document: ConfigDocument): string {
  return Array.from(documentTokens(document), (token) => token.text).join("");
}

function pushAll<T>(pending: T[], items: readonly T[]): void {
  for (let index = items.length - 1; index >= 0; index--) {
    const item = items[index];
    if (item !== undefined) pending.push(item);
  }
}

/** A node while it is being built. */
interface OpenNode {
  readonly kind: NodeKind;
  readonly tokens: Token[];
  children?: OpenNode[];
  readonly closing: Token[];
  readonly isFixed: boolean;
}

class DocumentBuilder {
  readonly nodes: OpenNode[] = [];
  readonly #blocks: OpenNode[] = [];
  /** The definition that the next line goes on with. */
  #definition: OpenNode | undefined;

  addLine(line: DocumentLine): void {
    const definition = this.#definition;
    if (definition !== undefined && line.kind !== "blank") {
      definition.tokens.push(...line.rawTokens());
      if (line.kind !== "refused" && !line.continuesDefinition) this.#definition = undefined;
      return;
    }
    this.#definition = undefined;
    if (line.kind !== "statement") this.#addLeaf(line);
    else if (line.isFixed) this.#addFixed(line);
    else this.#addPieces(line.tokens());
  }

  get #siblings(): OpenNode[] {
    return this.#blocks.at(-1)?.children ?? this.nodes;
  }

  #add(kind: NodeKind, tokens: Token[], isFixed = false): OpenNode {
    const node: OpenNode = { kind, tokens, closing: [], isFixed };
    this.#siblings.push(node);
    return node;
  }

  #addLeaf(line: DocumentLine): void {
    const isPlain = line.kind === "blank" || line.kind === "comment";
    const node = this.#add(line.kind, isPlain ? line.tokens() : line.rawTokens(), !isPlain);
    if (line.kind === "definition" && line.endsInBackslash) this.#definition = node;
  }

  /** A line that stays one: what counts is how many blocks it leaves open or closes. */
  #addFixed(line: DocumentLine): void {
    const depth = line.depthChange;
    if (depth >= 0) {
      this.#add("statement", line.rawTokens(), true);
      for (let i = 0; i < depth; i++) {
        const owner = i === 0 ? this.#siblings.at(-1) : this.#add("statement", [], true);
        if (owner !== undefined) this.#open(owner);
      }
      return;
    }
    let closed: OpenNode | undefined;
    for (let i = depth; i < 0; i++) closed = this.#blocks.pop() ?? closed;
    if (closed === undefined) this.#add("close", line.rawTokens(), true);
    else closed.closing.push(...line.rawTokens());
  }

  #open(node: OpenNode): void {
    node.children = [];
    this.#blocks.push(node);
  }

  /** Gives each statement, brace and comment of a line its node. */
  #addPieces(tokens: readonly Token[]): void {
    /** Where the rest of the line goes. */
    let target: Token[] | undefined;
    let blanks: Token[] = [];
    let isInStatement = false;
    for (const token of tokens) {
      if (token.kind === "blank") {
        blanks.push(token);
        continue;
      }
      if (token.kind === "open") target = this.#openBrace(isInStatement);
      else if (token.kind === "close") target = this.#closeBrace();
      else if (token.kind === "word" || token.kind === "quoted") {
        if (!isInStatement) target = this.#add("statement", []).tokens;
      } else target ??= this.#add("comment", []).tokens;
      blanks.push(token);
      addTo(target, blanks);
      blanks = [];
      isInStatement = token.kind === "word" || token.kind === "quoted";
    }
    addTo(target, blanks);
  }

  #openBrace(isInStatement: boolean): Token[] {
    const owner = isInStatement ? this.#siblings.at(-1) : this.#awaitingOwner();
    const node = owner ?? this.#add("statement", []);
    this.#open(node);
    return node.tokens;
  }

  /** The statement on a line before that this brace belongs to, with what stands between. */
  #awaitingOwner(): OpenNode | undefined {
    const siblings = this.#siblings;
    let index = siblings.length - 1;
    while (index >= 0 && isBetween(siblings[index])) index--;
    const owner = siblings[index];
    if (owner?.kind !== "statement" || owner.isFixed || owner.children !== undefined) {
      return undefined;
    }
    if (owner.tokens.some(isOpenQuote)) return undefined;
    for (const node of siblings.splice(index + 1)) addTo(owner.tokens, node.tokens);
    return owner;
  }

  #closeBrace(): Token[] {
    const closed = this.#blocks.pop();
    return closed === undefined ? this.#add("close", []).tokens : closed.closing;
  }
}

/** Not push(...), which has room for some ten thousand arguments. */
function addTo(target: Token[] | undefined, tokens: readonly Token[]): void {
  for (const token of tokens) target?.push(token);
}

/** Whether a quote runs to the end of its line: nothing can be put after it. */
function isOpenQuote({ kind, text }: Token): boolean {
  return kind === "quoted" && (text.length < 2 || !text.endsWith('"'));
}

function isBetween(node: OpenNode | undefined): boolean {
  return node?.kind === "blank" || node?.kind === "comment";
}
