// "Did you mean" among the names of a configuration, of which there may be thousands, for mistakes,
// of which there may be thousands too.

import { nearestWord } from "../base/edit-distance.js";

/** Whoever is wrong more often than this will look for himself. */
const askedMax = 100;
const namesMax = 1000;

/** Finds the nearest of `names`; after some questions and beyond some names it knows nothing. */
export function nearestFinder(names: Iterable<string>): (word: string) => string | undefined {
  let asked = 0;
  let known: string[] | undefined;
  return (word) => {
    if (asked++ >= askedMax) return undefined;
    known ??= [...names].slice(0, namesMax);
    return nearestWord(word, known);
  };
}
