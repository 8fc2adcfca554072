// The paths of blocks ("vrrp_instance/authentication") and which of their keywords must have a
// block, remembered so that a path is put together once and not for every line. Bounded, for the
// keywords of a list block are whatever stands in it.

/** A block by its keywords from the top level down. */
export interface PathNode {
  readonly path: string;
  /** Whether the block's keyword must have a block. */
  readonly isBlock: boolean;
  readonly children: Map<string, PathNode>;
}

/** More keywords than any block has. */
const childrenMax = 256;
/** More paths than keepalived knows, lists included. */
const pathsMax = 16_384;

export class BlockPaths {
  readonly root: PathNode = { path: "", isBlock: true, children: new Map() };
  readonly #expectsBlock: (path: string) => boolean;
  #count = 0;

  constructor(expectsBlock: (path: string) => boolean) {
    this.#expectsBlock = expectsBlock;
  }

  child(node: PathNode, keyword: string): PathNode {
    const known = node.children.get(keyword);
    if (known !== undefined) return known;
    const path = node.path === "" ? keyword : `${node.path}/${keyword}`;
    const child = { path, isBlock: this.#expectsBlock(path), children: new Map() };
    if (node.children.size < childrenMax && ++this.#count < pathsMax) {
      node.children.set(keyword, child);
    }
    return child;
  }
}
