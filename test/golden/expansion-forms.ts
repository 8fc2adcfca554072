// Forms of the lexical language, one small file each, in which every line that counts is an
// unknown keyword: expansion-agreement.test.ts shows them to keepalived.

/** A reference in braces, which a template literal would take for its own. */
function ref(name: string): string {
  return `${"$"}{${name}}`;
}

const i: string = ref("i");

const ranges: readonly string[] = [
  ...["1, 3", "3", "0x10, 010, 0x20", "3, 1", "-2", "0", "5, -2, 1", "1, 2, 6", "1, ", ", 2"],
  ...["0,0", "+1,+2", "1,5,5", "-0x2, 01", "1 , 2", "7,7", "-3,-1", "-1,-3", "10, 0x8"],
  ...["1, -2, 5", "1, 0, 5", "a, 3", "3a", "- 1,2", "08", "1,2,3,4", "1 2"],
];

const lists: readonly string[] = [
  ...["v, a, b, c", "v, a", "v,", "v, a,, c", "v, a,", " v , a , b ", "v, a$b, c", "v, a{b, c"],
  ...["v, a;b, c/d", 'v, a\\b, "c', "v, $c, x", "v", "v w, a", "v, a b", "v, {1, 2}", "v, {1}"],
  ...["v, a, {b, c", "v, (a), b"],
];

const tuples: readonly string[] = [
  ...["{x, y}, {1, 2}, {3}, {4,5}", "{x, y}, 1, 2", "{x, y}, {, 2}, {3, }", "{x, y}, {}, {3}"],
  ...["{ x , y }, { 1 , 2 } , { 3 , 4 } ", "{x,y}, {1,2}, 3", "{x, y}, {1, 2, 3}"],
  ...["{x, y}, {1, 2} {3, 4}", "{x, y}, {a b, c}", "{x, y}, {1, ", "{x y}, {1}", "{x, y} {1,2}"],
  ...["{x,y}, {1,}", "{x,y}, {1,2,}"],
];

const others: readonly string[] = [
  `~SEQ(a, 1, 2) ~SEQ(b, 1, 2) "${ref("a")} ${ref("b")}"`,
  `~SEQ(a, 1, 3) ~SEQ(b, 1, ${ref("a")}) "${ref("a")} ${ref("b")}"`,
  `~LST(v, a, b) ~SEQ(i, 1, 2) "${ref("v")}${i}"`,
  `~SEQ(i, 1, 2) ~LST(v, a, b) "${ref("v")}${i}"`,
  `  ~SEQ (j,1,2)"N ${ref("j")}"`,
  `~SEQ(j,1,2)\n"after ${ref("j")}"`,
  `~SEQx(i, 0xfe, 0x101) "${i}"\n~SEQx(i, -1, 3) "${i}"`,
  `~SEQ(i,1,2) $D${i}=v${i}\n"${ref("D1")} ${ref("D2")}"`,
  `~SEQ(i,1,3) $Q=${i}\n"${ref("Q")}"\n$i=77\n"${ref("Q")}"`,
  `~SEQ(i,1,2) @main "V ${i}"\n~SEQ(i,1,2) @other "W ${i}"`,
  `@main ~SEQ(i,1,2) "X ${i}"\n@other ~SEQ(i,1,2) "Y ${i}"\n@^other ~SEQ(i,1,2) "Z ${i}"`,
  `$T=~SEQ(i,1,2) "Z ${i}"\n$T\n${ref("T")}`,
  `$M= \\\n "A ${i}" \\\n "B ${i}"\n~SEQ(i,1,2) $M\n~SEQ(i,3,4) ~SEQ(j,1,2) $M`,
  `$M= \\\n "A ${i}" \\\n ~SEQ(i,1,2) "B ${i}" \\\n "C ${i}"\n$i=9\n$M\n~SEQ(i,5,6) $M`,
  `$N= \\\n "n1" \\\n "n2"\n$M= \\\n $N \\\n "m2"\n$M\n~SEQ(i,1,2) $M`,
  `$LL=1, 4\n~SEQ(v, $LL) "${ref("v")}"\n~SEQ(v, ${ref("LL")}) "${ref("v")}"`,
  `$SS=~SEQ\n${ref("SS")}(v,1,2) "${ref("v")}"`,
  `~SEQ(i,1,2) x # "${i}"\n~SEQ(i,1,2) "E#${i}"\n~FOO(i,1) "${i}"`,
  `$X=\\\n"FX"\n$X\n$Y= spaced   out   # c\n"${ref("Y")}|"`,
  `$A="x" \\\n# comment\n "y"\n"--"\n$A`,
  `$B="p" \\\n\n"q"\n$B`,
  `$C="c1" \\\n "c2" # com \\\n "c3"\n$C\n$D="d1" # com \\\n"d2"\n$D`,
  `$E="e1" \\\n @main "e2" \\\n @other "e3" \\\n $F="e4"\n$E\n${ref("F")}`,
  `$V=$V2\n$V2=z\n$V\n"${ref("V")}"\nx$V2 x${ref("V2")}y $V2`,
  `$A=x\n$B= y\n$A$B\n$A,z\n"$A)"`,
  "@main@main A\n@main  @^other B\n@ C\n@^ D\n@main\n@mainx E\n@main{ F\n @main G\n@^main H",
  '$Q=x\\#y\n"q $Q"\na\\\\#b\nb\\#c\\!d\n"q\\#r"\ne\\qf',
  `"${ref("_HASH")} ${ref("_BANG")}"\n${ref("_INSTANCE")}`,
  "a!b\nc#d\n!e\n#f\ng\\\nh\\x",
  `"${"a".repeat(1000)}"\n"${"b".repeat(1021)}"\n"${"c".repeat(1022)}"\nend`,
];

export const expansionForms: readonly string[] = [
  ...ranges.map((range) => `~SEQ(i, ${range}) "A ${i}"\nend`),
  ...lists.map((list) => `~LST(${list}) "A ${ref("v")}"\nend`),
  ...tuples.map((tuple) => `~LST(${tuple}) "${ref("x")}|${ref("y")}"\nend`),
  ...others.map((text) => `${text}\nend`),
];
